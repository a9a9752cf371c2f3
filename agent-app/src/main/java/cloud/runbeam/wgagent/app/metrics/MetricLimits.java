package cloud.runbeam.wgagent.app.metrics;

/**
 * How much a scrape shows.
 *
 * @param peers peers with series of their own, over all networks; the first ones of each device
 * @param compatibility whether the names of other programs are there, too
 */
public record MetricLimits(int peers, boolean compatibility) {}
