#include "ingest/decode.h"

#include "ingest/hl7_acknowledgement.h"
#include "ingest/mllp.h"
#include "tests/bench/catalogue.h"
#include "tests/bench/figures.h"
#include "tests/bench/rocksdb_alone.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <functional>

namespace bonewatch::bench {

namespace {

using ingest::Format;

/// As a laboratory names what it measured.
struct Test {
    std::string_view code, name, value, unit;
};
constexpr std::array<Test, 4> known_tests{{{"3016-3", "TSH", "0.32", "mU/L"},
                                           {"98979-8", "eGFR", "57", "mL/min/{1.73_m2}"},
                                           {"29265-6", "Calcium, adjusted", "2.37", "mmol/L"},
                                           {"29463-7", "Body weight", "71.4", "kg"}}};
constexpr int panel_size = 20;

/// A message, and how many facts it holds beside what it says of the person.
struct Message {
    std::string name;
    Format format = Format::native;
    std::string text;
    int facts = 1;
};

/// What a message costs.
struct Cost {
    std::string what;
    double message_us = 0;
    int facts = 1;
    std::string beside;
};

std::string native_lines(int count) {
    std::string out;
    for (int i = 0; i < count; ++i)
        out += fmt::format(R"({{"type":"result","id":"r-{}","patient":"nhs:9990000018","code":"tsh","value":0.32,)"
                           R"("unit":"mU/L","at":"2026-01-23T12:08:00Z"}})"
                           "\n",
                           i);
    return out;
}

std::string observation(int number) {
    const Test& test = known_tests[static_cast<std::size_t>(number) % known_tests.size()];
    return fmt::format(
        R"({{"resourceType":"Observation","id":"o-{}","meta":{{"versionId":"1","lastUpdated":"2026-01-24T06:35:00Z"}},)"
        R"("subject":{{"identifier":{{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"9990000018"}}}},)"
        R"("status":"final","code":{{"coding":[{{"system":"http://loinc.org","code":"{}","display":"{}"}}]}},)"
        R"("effectiveDateTime":"2026-01-23T12:08:00Z","valueQuantity":{{"value":{},"unit":"{}"}}}})",
        number, test.code, test.name, test.value, test.unit);
}

std::string bundle(int count) {
    std::string out = R"({"resourceType":"Bundle","type":"transaction","timestamp":"2026-01-24T06:35:00Z","entry":[)";
    for (int i = 0; i < count; ++i)
        out += fmt::format(R"({}{{"resource":{},"request":{{"method":"PUT","url":"Observation/o-{}"}}}})",
                           i == 0 ? "" : ",", observation(i), i);
    return out + "]}";
}

std::string header(std::string_view type) {
    return fmt::format("MSH|^~\\&|LIMS|NORTH|BONEWATCH|CLINIC|20260124063500+0000||{}|m-1|P|2.5.1||||||UNICODE UTF-8\r"
                       "PID|1||9990000018^^^NHS^NH||||19730218|F\r",
                       type);
}

std::string obx(int number, const Test& test, std::string_view system) {
    return fmt::format("OBX|{}|NM|{}^{}^{}|{}|{}|{}|0.4-4.0|L|||F\r", number, test.code, test.name, system, number,
                       test.value, test.unit);
}

/// The first `known` observations are of codes that are watched.
std::string report(int count, int known) {
    std::string out = header("ORU^R01^ORU_R01");
    out += "ORC|RE||F4711^LIMS\r"
           "OBR|1||F4711^LIMS|PANEL^Panel^99LAB|||20260123120800+0000|||||||||||||||20260124063500+0000|||F\r";
    for (int i = 1; i <= count; ++i)
        out += i <= known ? obx(i, known_tests[static_cast<std::size_t>(i - 1) % known_tests.size()], "LN")
                          : obx(i, {fmt::format("FBC{}", i), "Part of a blood count", "4.5", "10*9/L"}, "99LAB");
    return out;
}

std::string own_report() {
    std::string out = header("ORU^R01^ORU_R01");
    out += "OBR|1||F4711^LIMS|PANEL^Panel^99LAB|||20260123120800+0000|||||||||||||||20260124063500+0000|||F\r";
    return out + obx(1, {"TEST100", "TSH, third generation", "0.32", "mE/l"}, "99LAB");
}

std::string dispense() {
    return header("RDS^O13^RDS_O13") + "ORC|RE||D815^PHARM||CM||||20260310104900+0000\r"
                                       "TQ1|1|||||56^d|20260310\r"
                                       "RXD|1|7646^omeprazole^RXNORM|20260310|56|{dose}||815|||||20^mg\r"
                                       "RXR|PO^Oral^HL70162\r";
}

/// A publisher's own words: 200 codes and 20 units.
config::PublisherSettings mapping() {
    config::PublisherSettings out;
    config::CodeMeaning tsh;
    tsh.id = model::CodeId("tsh");
    for (int i = 0; i < 200; ++i)
        out.codes.emplace(config::PublishedCode{"99lab", fmt::format("TEST{}", i)}, tsh);
    for (int i = 0; i < 19; ++i)
        out.units.emplace(fmt::format("unit {}", i), "mU/L");
    out.units.emplace("mE/l", "mU/L");
    return out;
}

/// Processor time of one call in microseconds: of the quickest of five passes, as nothing but others makes one slower.
double cost_of(const Scale& scale, const std::function<void()>& call) {
    constexpr int passes = 5, calls_between_looks = 50;
    const double seconds = scale.is_quick ? 0.001 : 0.1;
    double least = 0;
    for (int pass = 0; pass < passes; ++pass) {
        const Stopwatch watch;
        int calls = 0;
        double spent = 0;
        for (; spent < seconds; spent = watch.cpu_seconds(), calls += calls_between_looks)
            for (int i = 0; i < calls_between_looks; ++i)
                call();
        const double cost = spent / calls * 1e6;
        least = pass == 0 ? cost : std::min(least, cost);
    }
    return least;
}

bool is_fact(const ingest::Decoded& decoded) {
    const auto* event = std::get_if<model::Event>(&decoded.outcome);
    return event != nullptr && !std::holds_alternative<model::PatientEvent>(event->body);
}

double decode_cost(const Scale& scale, const Message& message, const ingest::Publisher& publisher,
                   const config::Vocabulary& vocabulary) {
    const model::Instant received = model::Date{std::chrono::year(2026) / 4 / 1};
    const auto all = ingest::decode(message.format, message.text, publisher, vocabulary, received);
    if (std::ranges::count_if(all, is_fact) != message.facts) {
        std::fprintf(stderr, "bench: %s holds other facts than it should\n", message.name.c_str());
        std::exit(1);
    }
    return cost_of(scale, [&] { (void)ingest::decode(message.format, message.text, publisher, vocabulary, received); });
}

/// A block taken from the stream, and the block of its answer.
double answer_cost(const Scale& scale) {
    const std::string framed = ingest::mllp_block(report(1, 1));
    const model::Instant now = model::Date{std::chrono::year(2026) / 4 / 1};
    ingest::MessageResult stored;
    stored.is_stored = true;
    stored.outcomes.push_back({"result", "F4711^LIMS#3016-3^LN/1", "applied", {}, {}, {}, {}});
    ingest::MllpReader reader(std::size_t{1} << 20);
    std::size_t bytes = 0;
    const double cost = cost_of(scale, [&] {
        std::string_view stream = framed;
        const auto block = reader.take(stream);
        for (const std::string& answer :
             ingest::acknowledgements(must(ingest::read_hl7_header(block.value().bytes)), stored, "A-1", now))
            bytes += ingest::mllp_block(answer).size();
    });
    if (bytes == 0)
        std::exit(1);
    return cost;
}

} // namespace

Figures decode(const Scale& scale) {
    const auto revision = load_revision(Watched::nothing);
    const config::Vocabulary& vocabulary = revision->vocabulary;
    const config::PublisherSettings own = mapping();
    const ingest::Publisher plain{model::PublisherId("lab")};
    const ingest::Publisher mapped{model::PublisherId("lab"), &own};
    const std::array<Message, 8> messages{{
        {"decode native, one line", Format::native, native_lines(1), 1},
        {"decode native, 100 lines", Format::native, native_lines(100), 100},
        {"decode FHIR, one Observation", Format::fhir, observation(0), 1},
        {"decode FHIR, a Bundle of 20", Format::fhir, bundle(panel_size), panel_size},
        {"decode HL7 v2, ORU with one result", Format::hl7v2, report(1, 1), 1},
        {"decode HL7 v2, ORU of 20, one watched", Format::hl7v2, report(panel_size, 1), 1},
        {"decode HL7 v2, ORU of 20, all watched", Format::hl7v2, report(panel_size, panel_size), panel_size},
        {"decode HL7 v2, RDS of one dispense", Format::hl7v2, dispense(), 1},
    }};
    const Message own_words{"decode HL7 v2, ORU in the mapping's words", Format::hl7v2, own_report(), 1};

    const int alone_events = events_per_commit * scale.of(400, 4);
    const Rate before = rocksdb_alone(alone_events);
    std::vector<Cost> costs;
    for (const Message& message : messages)
        costs.push_back({message.name, decode_cost(scale, message, plain, vocabulary), message.facts,
                         fmt::format("with a mapping {:.2f} us", decode_cost(scale, message, mapped, vocabulary))});
    costs.push_back({own_words.name, decode_cost(scale, own_words, mapped, vocabulary), 1, "200 codes, 20 units"});
    costs.push_back({"MLLP: block, MSH, answer, block", answer_cost(scale), 1, {}});
    const Rate after = rocksdb_alone(alone_events);

    const double alone_us = (before.cpu_us + after.cpu_us) / 2;
    Figures out{{"RocksDB alone, 3 puts of 64 B, batches of 512",
                 fmt::format("{:.1f} us CPU an event", alone_us),
                 fmt::format("{:.1f} us before, {:.1f} us after", before.cpu_us, after.cpu_us),
                 "1 x",
                 {}}};
    for (const Cost& cost : costs) {
        const double event_us = cost.message_us / cost.facts;
        out.push_back({cost.what, fmt::format("{:.2f} us a message, {:.2f} a fact", cost.message_us, event_us),
                       cost.beside, fmt::format("{:.2f} x", event_us / alone_us), "first figure"});
    }
    return out;
}

} // namespace bonewatch::bench
