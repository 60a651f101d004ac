package mirror;

import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Mirrors Florin's clients into a SQLite file, and writes a letter when one becomes active.
 *
 * <p>It starts from the compacted state topic, then follows facts and states together. Whatever it
 * does with a record, and how far it has read, is one transaction: killed at any moment, it goes on
 * where it was, and nothing is missed or done twice. One process for one file.
 */
public final class ClientsMirror {
    private static final String KAFKA = setting("FLORIN_KAFKA", "127.0.0.1:19092");
    private static final String FACTS = setting("FLORIN_TOPIC_PREFIX", "") + "clients-client";
    private static final String STATES = FACTS + "-state";
    private static final String ACTIVATED = "florin.clients.client.activated.v1";
    private static final String OF_A_CLIENT = "florin.clients.client.";
    private static final Duration POLL = Duration.ofMillis(500);
    private static final long CLOCKS_APART_MS = Duration.ofHours(1).toMillis();
    private static final long GOODBYE_MS = 10_000;

    private final KafkaConsumer<byte[], byte[]> consumer;
    private final Mirror mirror;
    private final Records records;

    private ClientsMirror(
            KafkaConsumer<byte[], byte[]> consumer, Mirror mirror, Records records) {
        this.consumer = consumer;
        this.mirror = mirror;
        this.records = records;
    }

    /** Run until a signal; what is being handled then is finished. */
    public static void main(String[] arguments) throws Exception {
        System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", "warn");
        Records records = new Records(Path.of(setting("FLORIN_SCHEMAS", "../../schemas")));
        AtomicBoolean stopping = new AtomicBoolean();
        try (Mirror mirror = new Mirror(setting("MIRROR_FILE", "clients.sqlite"));
                KafkaConsumer<byte[], byte[]> consumer = consumer()) {
            wakeOnSignal(consumer, stopping);
            new ClientsMirror(consumer, mirror, records).follow();
        } catch (WakeupException signal) {
            if (!stopping.get()) {
                throw signal;
            }
        } catch (OffsetOutOfRangeException error) {
            System.err.println("Kafka no longer holds what comes next: remove the file, start anew");
            System.exit(1);
        }
        System.out.println("stopped");
    }

    /** Without a group the file alone says where to go on. */
    private static KafkaConsumer<byte[], byte[]> consumer() {
        Properties settings = new Properties();
        settings.put("bootstrap.servers", KAFKA);
        settings.put("enable.auto.commit", "false");
        settings.put("auto.offset.reset", "none");
        settings.put("isolation.level", "read_committed");
        ByteArrayDeserializer bytes = new ByteArrayDeserializer();
        return new KafkaConsumer<>(settings, bytes, bytes);
    }

    private static void wakeOnSignal(KafkaConsumer<?, ?> consumer, AtomicBoolean stopping) {
        Thread reader = Thread.currentThread();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            stopping.set(true);
            consumer.wakeup();
            try {
                reader.join(GOODBYE_MS);
            } catch (InterruptedException error) {
                Thread.currentThread().interrupt();
            }
        }));
    }

    private void follow() throws SQLException {
        List<TopicPartition> facts = partitions(FACTS);
        List<TopicPartition> states = partitions(STATES);
        List<TopicPartition> all = new ArrayList<>(facts);
        all.addAll(states);
        consumer.assign(all);
        if (mirror.positions().keySet().stream().noneMatch(p -> p.topic().equals(FACTS))) {
            readAllStates(facts, states);
        }
        seek(all);
        while (true) {
            readSome(false);
        }
    }

    private List<TopicPartition> partitions(String topic) {
        List<TopicPartition> found = consumer.partitionsFor(topic).stream()
                .map(partition -> new TopicPartition(topic, partition.partition())).toList();
        if (found.isEmpty()) {
            throw new IllegalStateException("Kafka at " + KAFKA + " has no topic " + topic);
        }
        return found;
    }

    /** The cold start: every state up to today's end, then where to begin with the facts. */
    private void readAllStates(List<TopicPartition> facts, List<TopicPartition> states)
            throws SQLException {
        consumer.pause(facts);
        seek(consumer.assignment());
        Map<TopicPartition, Long> ends = consumer.endOffsets(states);
        while (states.stream().anyMatch(p -> consumer.position(p) < ends.get(p))) {
            readSome(true);
        }
        Map<TopicPartition, Long> begin = firstFacts(facts);
        mirror.transaction(() -> {
            for (Map.Entry<TopicPartition, Long> entry : begin.entrySet()) {
                mirror.move(entry.getKey(), entry.getValue(), null);
            }
        });
        consumer.resume(facts);
        System.out.println("complete: every client is here");
    }

    /**
     * Where the facts begin that the states read so far may not hold.
     *
     * <p>A client's facts and states are in partitions of the same number, and in the same order. So
     * what is missing was sent after the newest state there was stated; an hour covers clocks that
     * differ.
     */
    private Map<TopicPartition, Long> firstFacts(List<TopicPartition> facts) throws SQLException {
        Map<TopicPartition, Long> begin = consumer.beginningOffsets(facts);
        Map<TopicPartition, Long> ends = consumer.endOffsets(facts);
        for (Map.Entry<TopicPartition, Mirror.Position> read : mirror.positions().entrySet()) {
            Long newestMs = read.getValue().newestMs();
            if (newestMs != null) {
                TopicPartition partition = new TopicPartition(FACTS, read.getKey().partition());
                OffsetAndTimestamp first = consumer
                        .offsetsForTimes(Map.of(partition, newestMs - CLOCKS_APART_MS))
                        .get(partition);
                begin.put(partition, first == null ? ends.get(partition) : first.offset());
            }
        }
        return begin;
    }

    /** Go on where the file says, or begin at the beginning. */
    private void seek(Collection<TopicPartition> partitions) throws SQLException {
        Map<TopicPartition, Mirror.Position> saved = mirror.positions();
        for (Map.Entry<TopicPartition, Long> e : consumer.beginningOffsets(partitions).entrySet()) {
            Mirror.Position position = saved.get(e.getKey());
            consumer.seek(e.getKey(), position == null ? e.getValue() : position.nextOffset());
        }
    }

    /** A few records from each partition and the positions after them, in one transaction. */
    private void readSome(boolean cold) throws SQLException {
        ConsumerRecords<byte[], byte[]> polled = consumer.poll(POLL);
        Set<TopicPartition> partitions = polled.partitions();
        mirror.transaction(() -> {
            for (TopicPartition partition : partitions) {
                Long newestMs = null;
                long next = 0;
                for (ConsumerRecord<byte[], byte[]> record : polled.records(partition)) {
                    Long timeMs = handle(record, cold);
                    if (timeMs != null && (newestMs == null || timeMs > newestMs)) {
                        newestMs = timeMs;
                    }
                    next = record.offset() + 1;
                }
                mirror.move(partition, next, newestMs);
            }
        });
    }

    /** Do what one record asks for; returns when it was stated, or null when nobody can say. */
    private Long handle(ConsumerRecord<byte[], byte[]> record, boolean cold) throws SQLException {
        Records.Outcome outcome = records.read(record);
        if (outcome instanceof Records.Malformed malformed) {
            System.err.printf("skipped %s-%d at %d: %s%n",
                    record.topic(), record.partition(), record.offset(), malformed.why());
            mirror.reject(record, malformed.why());
            return null;
        }
        if (outcome instanceof Records.Fact fact) {
            if (fact.envelope().type().startsWith(OF_A_CLIENT)) {
                mirror.put(fact.envelope(), publicState(fact.data()), cold);
            }
            if (fact.envelope().type().equals(ACTIVATED) && mirror.writeLetter(fact.envelope())) {
                System.out.println("letter to " + fact.data().get("name").asString());
            }
            return fact.envelope().timeMs();
        }
        if (outcome instanceof Records.State state) {
            mirror.put(state.envelope(), publicState(state.data()), cold);
            return state.envelope().timeMs();
        }
        if (outcome instanceof Records.Tombstone tombstone) {
            mirror.put(tombstone.envelope(), null, cold);
            return tombstone.envelope().timeMs();
        }
        // A newer release states more on these topics; a newer mirror will know what for.
        return ((Records.Unknown) outcome).envelope().timeMs();
    }

    /** The fields that the mirror keeps; a fact may carry more. */
    private static String publicState(JsonNode data) {
        ObjectNode kept = JsonNodeFactory.instance.objectNode();
        for (String field : List.of("id", "name", "country", "state", "provider_ids")) {
            kept.set(field, data.get(field));
        }
        return kept.toString();
    }

    private static String setting(String name, String otherwise) {
        String value = System.getenv(name);
        return value == null ? otherwise : value;
    }
}
