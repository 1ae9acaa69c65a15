#include "config/mllp_settings.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace bonewatch::config {

namespace {

constexpr std::string_view scheme = "tcp://";
constexpr std::size_t name_bytes_max = 64;

bool is_name(std::string_view text) {
    return !text.empty() && text.size() <= name_bytes_max &&
           std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f; });
}

bool is_address(const std::string& text) {
    std::array<unsigned char, sizeof(in6_addr)> bytes{};
    return inet_pton(AF_INET, text.c_str(), bytes.data()) == 1 || inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1;
}

bool is_loopback(std::string_view address) {
    return address.starts_with("127.") || address == "::1";
}

/// Writes address and port; says what is wrong where the endpoint cannot be read.
std::string read_endpoint(std::string_view text, MllpSettings& mllp) {
    const std::string wrong = "'" + std::string(text) +
                              "' is no endpoint; write tcp://ADDRESS:PORT, the address as a "
                              "number: tcp://127.0.0.1:2575, tcp://[::1]:2575";
    const std::size_t colon = text.rfind(':');
    if (!text.starts_with(scheme) || colon == std::string_view::npos || colon < scheme.size())
        return wrong;
    std::string_view address = text.substr(scheme.size(), colon - scheme.size());
    const bool has_brackets = address.size() > 1 && address.front() == '[' && address.back() == ']';
    if (has_brackets != address.contains(':'))
        return wrong;
    if (has_brackets)
        address = address.substr(1, address.size() - 2);
    const std::string_view port = text.substr(colon + 1);
    std::uint16_t number = 0;
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
    if (error != std::errc() || end != port.data() + port.size() || !is_address(std::string(address)))
        return wrong;
    mllp.address = address;
    mllp.port = number;
    return {};
}

std::string read_publisher(Fields& fields) {
    const std::string name = fields.text("publisher").value_or("");
    if (fields.has("publisher") && !is_name(name))
        fields.problem(fields.place("publisher"), "bad_publisher",
                       "a publisher's name is 1 to 64 printable ASCII characters without spaces");
    return name;
}

void read_seconds(Fields& fields, const std::string& key, std::int64_t most, std::chrono::seconds& into) {
    into = std::chrono::seconds(fields.whole(key, 1, most).value_or(into.count()));
}

MllpClient read_client(const Value& value, Problems& problems) {
    Fields fields(value, "client", problems);
    MllpClient client;
    client.name = fields.required_text("name");
    for (std::string& publisher : fields.texts("publishers"))
        client.publishers.insert(std::move(publisher));
    if (client.publishers.empty() || !std::ranges::all_of(client.publishers, is_name))
        fields.problem(fields.place("publishers"), "bad_publishers",
                       "'publishers' names those for whom the client may speak");
    fields.finish();
    return client;
}

MllpTls read_tls(const Value& value, const std::string& what, Problems& problems) {
    Fields fields(value, what, problems);
    MllpTls tls;
    tls.certificate = fields.required_text("certificate");
    tls.key = fields.required_text("key");
    tls.ca = fields.required_text("ca");
    for (const Value& client : fields.list("clients"))
        tls.clients.push_back(read_client(client, problems));
    if (tls.clients.empty())
        fields.problem(fields.place("clients"), "no_clients",
                       "'clients' says whose certificates are let in: [ { name = \"lis.example.org\", publishers = "
                       "[\"lab\"] } ]");
    fields.finish();
    return tls;
}

MllpSettings read_door(const Entry& entry, Problems& problems) {
    Fields fields(entry.value, "[mllp." + entry.key + "]", problems);
    MllpSettings mllp;
    if (const auto endpoint = fields.text("endpoint"))
        if (const std::string wrong = read_endpoint(*endpoint, mllp); !wrong.empty())
            fields.problem(fields.place("endpoint"), "bad_endpoint", wrong);
    mllp.publisher = read_publisher(fields);
    for (const Value& value : fields.list("senders")) {
        Fields sender(value, "sender", problems);
        mllp.senders.push_back(
            {sender.text("application").value_or(""), sender.text("facility").value_or(""), read_publisher(sender)});
        if (!sender.has("publisher"))
            sender.problem(sender.place(), "missing_key", "'publisher' is missing");
        sender.finish();
    }
    if (mllp.publisher.empty() && mllp.senders.empty())
        fields.problem(fields.place(), "no_publisher",
                       "say whose messages come here: publisher = \"lab\", or by sender in 'senders'");
    constexpr std::int64_t bytes_max = 64 << 20;
    mllp.max_message_bytes = fields.whole("max_message_bytes", 1024, bytes_max).value_or(mllp.max_message_bytes);
    mllp.connections_max = fields.whole("connections_max", 1, 1000).value_or(mllp.connections_max);
    read_seconds(fields, "idle_seconds", 86'400, mllp.idle);
    read_seconds(fields, "message_seconds", 3600, mllp.message);
    if (const Value* tls = fields.table("tls"))
        mllp.tls = read_tls(*tls, "[mllp." + entry.key + ".tls]", problems);
    if (!mllp.tls && !is_loopback(mllp.address))
        fields.problem(fields.place("endpoint"), "refused_endpoint",
                       "'" + mllp.address + "' can be reached from other machines: set up [mllp." + entry.key +
                           ".tls], or write tcp://127.0.0.1:PORT");
    fields.finish();
    if (!is_name(entry.key))
        problems.add(entry.place, "bad_name", "a door's name is 1 to 64 printable ASCII characters without spaces");
    return mllp;
}

} // namespace

std::string MllpSettings::publisher_of(std::string_view application, std::string_view facility) const {
    const auto fits = [](std::string_view wanted, std::string_view found) { return wanted.empty() || wanted == found; };
    for (const MllpSender& sender : senders)
        if (fits(sender.application, application) && fits(sender.facility, facility))
            return sender.publisher;
    return publisher;
}

std::map<std::string, MllpSettings> read_mllp(Fields& top, Problems& problems) {
    std::map<std::string, MllpSettings> doors;
    const Value* table = top.table("mllp");
    if (table == nullptr)
        return doors;
    for (const Entry& entry : std::get<Value::Table>(table->content))
        doors.emplace(entry.key, read_door(entry, problems));
    std::set<std::pair<std::string, std::uint16_t>> taken;
    for (const auto& [name, door] : doors)
        if (door.port != 0 && !taken.emplace(door.address, door.port).second)
            problems.add(table->place, "same_endpoint", "two MLLP doors have the same endpoint");
    return doors;
}

} // namespace bonewatch::config
