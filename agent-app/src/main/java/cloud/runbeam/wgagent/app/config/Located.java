package cloud.runbeam.wgagent.app.config;

/**
 * A value and where it stands.
 *
 * @param value what is written
 * @param key full path of its key, with the index for an array's element
 * @param position where
 * @param <T> type of the value
 */
record Located<T>(T value, String key, Position position) {}
