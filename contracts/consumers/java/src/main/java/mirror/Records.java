package mirror;

import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Reads a record of Florin's by the folder of JSON Schemas; knows nothing else of Florin. */
final class Records {
    private static final JsonMapper JSON =
            JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();
    private static final SchemaRegistry DIALECT = SchemaRegistry.withDefaultDialect(
            SpecificationVersion.DRAFT_2020_12,
            builder -> builder.schemaRegistryConfig(
                    SchemaRegistryConfig.builder().formatAssertionsEnabled(true).build()));

    /** What a record may turn out to be. */
    sealed interface Outcome {}

    /** The attributes of CloudEvents that the mirror needs; `timeMs` is since 1970. */
    record Envelope(String id, String type, String subject, long timeMs, long sequence) {}

    /** Something happened; apply it once for each id. */
    record Fact(Envelope envelope, JsonNode data) implements Outcome {}

    /** How an aggregate is as of the envelope's sequence. */
    record State(Envelope envelope, JsonNode data) implements Outcome {}

    /** The aggregate was erased. */
    record Tombstone(Envelope envelope) implements Outcome {}

    /** A well-formed record of a type or version that the folder has no schema for. */
    record Unknown(Envelope envelope) implements Outcome {}

    /** No record of Florin's, or one that breaks its schema; `why` never quotes its data. */
    record Malformed(String why) implements Outcome {}

    private final Schema envelopeSchema;
    private final Map<String, Schema> schemas = new HashMap<>();
    private final Map<String, String> kinds = new HashMap<>();

    Records(Path folder) throws IOException {
        envelopeSchema = schema(folder.resolve("envelope.json"));
        JsonNode index = JSON.readTree(Files.readString(folder.resolve("index.json")));
        for (JsonNode entry : index.get("schemas")) {
            if (entry.has("type")) {
                String type = entry.get("type").asString();
                kinds.put(type, entry.get("kind").asString());
                schemas.put(type, schema(folder.resolve(entry.get("file").asString())));
            }
        }
    }

    private static Schema schema(Path file) throws IOException {
        return DIALECT.getSchema(Files.readString(file), InputFormat.JSON);
    }

    /** What a record says, whatever it holds. */
    Outcome read(ConsumerRecord<byte[], byte[]> record) {
        try {
            Envelope envelope = envelope(attributes(record));
            if (record.key() == null || !envelope.subject().equals(text(record.key()))) {
                return new Malformed("its key is not its subject");
            }
            return outcome(envelope, record.value());
        } catch (CharacterCodingException error) {
            return new Malformed("a header or the key is no UTF-8");
        } catch (IllegalArgumentException error) {
            return new Malformed(error.getMessage());
        } catch (DateTimeException error) {
            return new Malformed("its time is none of this calendar");
        } catch (JacksonException error) {
            return new Malformed("its data is no JSON");
        }
    }

    /** The CloudEvents attributes as the envelope's schema has them: all text, but the sequence. */
    private static ObjectNode attributes(ConsumerRecord<byte[], byte[]> record)
            throws CharacterCodingException {
        ObjectNode attributes = JSON.createObjectNode();
        for (Header header : record.headers()) {
            if (header.key().startsWith("ce_") && header.value() != null) {
                attributes.put(header.key().substring("ce_".length()), text(header.value()));
            }
        }
        String sequence = attributes.path("sequence").asString("");
        if (sequence.matches("[1-9][0-9]{0,18}")) { // the schema says how large it may be
            attributes.put("sequence", new BigInteger(sequence));
        }
        return attributes;
    }

    private Envelope envelope(ObjectNode attributes) {
        if (!attributes.path("specversion").asString("").equals("1.0")) {
            throw new IllegalArgumentException("ce_specversion is not 1.0");
        }
        check(envelopeSchema, attributes, "its envelope");
        return new Envelope(
                attributes.get("id").asString(),
                attributes.get("type").asString(),
                attributes.get("subject").asString(),
                OffsetDateTime.parse(attributes.get("time").asString()).toInstant().toEpochMilli(),
                attributes.get("sequence").asLong());
    }

    private Outcome outcome(Envelope envelope, byte[] value) {
        String kind = kinds.get(envelope.type());
        if (kind == null) {
            return new Unknown(envelope);
        }
        if (value == null) {
            return kind.equals("state")
                    ? new Tombstone(envelope) : new Malformed("a fact without data");
        }
        JsonNode data = JSON.readTree(value);
        check(schemas.get(envelope.type()), data, "its data");
        return kind.equals("state") ? new State(envelope, data) : new Fact(envelope, data);
    }

    private static void check(Schema schema, JsonNode node, String what) {
        String wrong = schema.validate(node).stream()
                .map(error -> error.getInstanceLocation() + " breaks '" + error.getKeyword() + "'")
                .collect(Collectors.joining("; "));
        if (!wrong.isEmpty()) {
            throw new IllegalArgumentException(what + " is malformed: " + wrong);
        }
    }

    private static String text(byte[] utf8) throws CharacterCodingException {
        return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8)).toString();
    }
}
