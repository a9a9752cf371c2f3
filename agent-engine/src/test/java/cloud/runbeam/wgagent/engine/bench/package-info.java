/**
 * Benchmarks of the engine's parts and of the whole way of a packet (JMH). {@code
 * docs/performance.md} tells how to run them; {@link
 * cloud.runbeam.wgagent.engine.bench.BenchmarkSmokeTest} proves on every build that they run.
 */
@NullMarked
package cloud.runbeam.wgagent.engine.bench;

import org.jspecify.annotations.NullMarked;
