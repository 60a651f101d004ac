package mirror;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/** The SQLite file: what is known of clients, letters written, records refused, how far it read. */
final class Mirror implements AutoCloseable {
    private static final String[] TABLES = {
        """
        CREATE TABLE IF NOT EXISTS clients (
            id TEXT PRIMARY KEY,
            sequence INTEGER NOT NULL,  -- of the latest fact that the state holds
            known INTEGER NOT NULL,     -- its sequence when the mirror began; up to it is history
            state TEXT                  -- NULL: erased; the row stays, so that no old fact undoes it
        )""",
        """
        CREATE TABLE IF NOT EXISTS letters (event_id TEXT PRIMARY KEY, client_id TEXT NOT NULL)""",
        """
        CREATE TABLE IF NOT EXISTS rejected (
            topic TEXT, partition INTEGER, record_offset INTEGER, why TEXT NOT NULL,
            PRIMARY KEY (topic, partition, record_offset)
        )""",
        """
        CREATE TABLE IF NOT EXISTS positions (
            topic TEXT, partition INTEGER, next_offset INTEGER NOT NULL,
            newest_ms INTEGER,          -- the time of the newest record read
            PRIMARY KEY (topic, partition)
        )"""};
    private static final String PUT = """
        INSERT INTO clients VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET
            sequence = excluded.sequence,
            known = max(known, excluded.known),
            state = excluded.state
        WHERE excluded.sequence > sequence
            OR (excluded.sequence = sequence AND excluded.state IS NULL)""";
    private static final String MOVE = """
        INSERT INTO positions VALUES (?, ?, ?, ?) ON CONFLICT (topic, partition) DO UPDATE SET
            next_offset = excluded.next_offset,
            newest_ms = nullif(max(coalesce(newest_ms, 0), coalesce(excluded.newest_ms, 0)), 0)""";

    /** How far a partition was read, and the time of the newest record read, if any. */
    record Position(long nextOffset, Long newestMs) {}

    /** What happens in one transaction. */
    interface Work {
        void run() throws SQLException;
    }

    private final Connection database;

    Mirror(String file) throws SQLException {
        database = DriverManager.getConnection("jdbc:sqlite:" + file);
        try (Statement statement = database.createStatement()) {
            statement.execute("PRAGMA journal_mode = WAL");
            for (String table : TABLES) {
                statement.execute(table);
            }
        }
        database.setAutoCommit(false);
    }

    /** All of it or nothing. */
    void transaction(Work work) throws SQLException {
        try {
            work.run();
            database.commit();
        } finally {
            database.rollback(); // of nothing, once it was committed
        }
    }

    /** Keep a state, or with null that it was erased, unless a later one is here already. */
    void put(Records.Envelope envelope, String state, boolean cold) throws SQLException {
        execute(PUT, envelope.subject(), envelope.sequence(), cold ? envelope.sequence() : 0, state);
    }

    /** One letter for each event id, and none for history; whether it is a new one. */
    boolean writeLetter(Records.Envelope envelope) throws SQLException {
        String insert = """
            INSERT OR IGNORE INTO letters
            SELECT ?, id FROM clients WHERE id = ? AND known < ?""";
        return execute(insert, envelope.id(), envelope.subject(), envelope.sequence()) == 1;
    }

    /** Keep where a record is that could not be read, for a person to look at. */
    void reject(ConsumerRecord<?, ?> record, String why) throws SQLException {
        String insert = "INSERT OR IGNORE INTO rejected VALUES (?, ?, ?, ?)";
        execute(insert, record.topic(), record.partition(), record.offset(), why);
    }

    /** Remember how far a partition was read. */
    void move(TopicPartition partition, long nextOffset, Long newestMs) throws SQLException {
        execute(MOVE, partition.topic(), partition.partition(), nextOffset, newestMs);
    }

    /** How far each partition was read. */
    Map<TopicPartition, Position> positions() throws SQLException {
        Map<TopicPartition, Position> found = new HashMap<>();
        try (Statement statement = database.createStatement();
                ResultSet rows = statement.executeQuery("SELECT * FROM positions")) {
            while (rows.next()) {
                TopicPartition partition = new TopicPartition(rows.getString(1), rows.getInt(2));
                Number newestMs = (Number) rows.getObject(4);
                Long newest = newestMs == null ? null : newestMs.longValue();
                found.put(partition, new Position(rows.getLong(3), newest));
            }
        }
        return found;
    }

    @Override
    public void close() throws SQLException {
        database.rollback();
        database.close();
    }

    private int execute(String sql, Object... values) throws SQLException {
        try (PreparedStatement statement = database.prepareStatement(sql)) {
            for (int index = 0; index < values.length; index++) {
                statement.setObject(index + 1, values[index]);
            }
            return statement.executeUpdate();
        }
    }
}
