#include "daemon/mllp_client.h"

#include "daemon/clock.h"
#include "ingest/mllp.h"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <utility>

namespace bonewatch::daemon {

namespace asio = boost::asio;

namespace {

using boost::system::error_code;
using model::ErrorKind;
using tcp = asio::ip::tcp;

constexpr std::size_t answer_bytes_max = 1u << 20;
/// With which octets an alert of TLS begins: what a door with TLS says to who speaks without.
constexpr std::string_view tls_alert = "\x15\x03";

bool is_of_tls(const error_code& error) {
    return error.category() == asio::error::get_ssl_category();
}

} // namespace

/// The socket, and TLS on it where there is. Each of Asio's operations is waited for until a deadline.
class MllpClient::Wire {
  public:
    explicit Wire(const MllpReceiver& receiver) : receiver_(receiver) {}

    model::Result<void> connect();
    model::Result<void> send(const std::string& block);
    model::Result<std::string> receive(Moment deadline);
    [[nodiscard]] Moment answer_deadline() const { return steady_now() + receiver_.answer_timeout; }
    [[nodiscard]] bool was_answered() const { return reader_.counts().blocks > 0; }

  private:
    /// Starts an operation with the handler it is given, and waits; after the deadline the socket is closed, and the
    /// error is `timed_out`.
    template <typename Start>
    error_code waited(Moment deadline, Start start);
    model::Result<void> shake_hands(Moment deadline);
    [[nodiscard]] std::unexpected<model::Error> failed(const char* reason, const std::string& why) const;
    [[nodiscard]] std::unexpected<model::Error> lost(const error_code& error) const;
    [[nodiscard]] std::string discarded() const;

    MllpReceiver receiver_;
    asio::io_context io_{1};
    tcp::socket socket_{io_};
    std::optional<asio::ssl::context> context_;
    std::optional<asio::ssl::stream<tcp::socket&>> tls_;
    ingest::MllpReader reader_{answer_bytes_max};
    std::array<char, 16'384> buffer_{};
    std::string_view unread_;
    bool was_alerted_ = false; ///< The first octets without TLS were an alert of TLS.
};

template <typename Start>
error_code MllpClient::Wire::waited(Moment deadline, Start start) {
    error_code result = asio::error::would_block;
    start([&result](const error_code& error, const auto&...) { result = error; });
    io_.restart();
    io_.run_for(left_until(deadline));
    if (io_.stopped())
        return result;
    error_code ignored;
    socket_.close(ignored);
    io_.run();
    return asio::error::timed_out;
}

std::unexpected<model::Error> MllpClient::Wire::failed(const char* reason, const std::string& why) const {
    const bool is_refusal = std::string_view(reason) == "tls_refused";
    return model::fail(is_refusal ? ErrorKind::refused : ErrorKind::unavailable, reason,
                       receiver_.host + ":" + receiver_.port + " " + why);
}

std::string MllpClient::Wire::discarded() const {
    const std::uint64_t bytes = reader_.counts().discarded_bytes;
    return bytes == 0 ? "" : "; " + std::to_string(bytes) + " bytes came that belong to no block";
}

std::unexpected<model::Error> MllpClient::Wire::lost(const error_code& error) const {
    if (is_of_tls(error) && error != asio::ssl::error::stream_truncated)
        return failed("tls_refused", "failed in the handshake of TLS: " + error.message());
    if (was_alerted_)
        return failed("tls_refused", "asks for TLS: give --authority, and --certificate with --private-key");
    if (error == asio::error::timed_out)
        return failed("no_answer", "did not answer in " + std::to_string(receiver_.answer_timeout.count() / 1000) +
                                       " seconds" + (reader_.is_within_block() ? "; half a block came" : "") +
                                       discarded());
    if (reader_.is_within_block())
        return failed("closed", "closed the connection within its answer" + discarded());
    const bool may_want_tls = !tls_ && reader_.counts() == ingest::MllpCounts{};
    return failed("closed", "closed the connection without an answer" + discarded() +
                                (may_want_tls ? "; so does a door that asks for TLS: --authority" : ""));
}

model::Result<void> MllpClient::Wire::connect() {
    if (receiver_.tls) {
        auto context = client_tls(*receiver_.tls);
        if (!context)
            return std::unexpected(context.error());
        context_.emplace(context->release());
    }
    const Moment deadline = steady_now() + receiver_.connect_timeout;
    error_code error;
    const auto endpoints = tcp::resolver(io_).resolve(receiver_.host, receiver_.port, error);
    if (!error)
        error = waited(deadline, [&](auto done) { asio::async_connect(socket_, endpoints, std::move(done)); });
    if (error)
        return failed("not_reachable", "cannot be reached: " + error.message());
    error_code ignored;
    socket_.set_option(tcp::no_delay(true), ignored);
    return receiver_.tls ? shake_hands(deadline) : model::Result<void>();
}

model::Result<void> MllpClient::Wire::shake_hands(Moment deadline) {
    tls_.emplace(socket_, *context_);
    SSL* const handle = tls_->native_handle();
    const std::string& name = receiver_.tls->server_name;
    error_code no_address;
    asio::ip::make_address(name, no_address);
    if (no_address)
        SSL_set_tlsext_host_name(handle, name.c_str());
    const error_code error =
        waited(deadline, [&](auto done) { tls_->async_handshake(asio::ssl::stream_base::client, std::move(done)); });
    if (!error)
        return {};
    if (const long verdict = SSL_get_verify_result(handle); verdict != X509_V_OK)
        return failed("tls_refused", "is not to be trusted as " + name + ": " + X509_verify_cert_error_string(verdict));
    if (error == asio::error::timed_out)
        return failed("tls_refused", "says nothing to a handshake of TLS: it may be a door without");
    if (is_of_tls(error) && error != asio::ssl::error::stream_truncated)
        return failed("tls_refused", "failed in the handshake of TLS: " + error.message());
    return failed("tls_refused", "closed the connection in the handshake of TLS");
}

model::Result<void> MllpClient::Wire::send(const std::string& block) {
    const error_code error = waited(answer_deadline(), [&](auto done) {
        if (tls_)
            asio::async_write(*tls_, asio::buffer(block), std::move(done));
        else
            asio::async_write(socket_, asio::buffer(block), std::move(done));
    });
    // Whoever closed may have said why.
    if (error && error != asio::error::timed_out)
        if (auto last = receive(answer_deadline()); !last)
            return std::unexpected(std::move(last.error()));
    return error ? lost(error) : model::Result<void>();
}

model::Result<std::string> MllpClient::Wire::receive(Moment deadline) {
    while (true) {
        const bool is_first = reader_.counts() == ingest::MllpCounts{} && !reader_.is_within_block();
        was_alerted_ = was_alerted_ || (is_first && !tls_ && unread_.starts_with(tls_alert));
        if (auto block = reader_.take(unread_)) {
            if (block->is_cut)
                return model::fail(ErrorKind::malformed, "unexpected_answer",
                                   "what came is no answer: it has more than 1 MiB");
            return std::move(block->bytes);
        }
        std::size_t size = 0;
        const error_code error = waited(deadline, [&](auto done) {
            const auto read = [&size, done](const error_code& code, std::size_t count) {
                size = count;
                done(code);
            };
            if (tls_)
                tls_->async_read_some(asio::buffer(buffer_), read);
            else
                socket_.async_read_some(asio::buffer(buffer_), read);
        });
        if (error)
            return lost(error);
        unread_ = {buffer_.data(), size};
    }
}

model::Result<MllpReceiver> mllp_receiver(std::string_view text) {
    const auto wrong = [&] {
        return model::fail(ErrorKind::refused, "bad_endpoint",
                           "'" + std::string(text) + "' is no receiver; write HOST:PORT: 127.0.0.1:2575, [::1]:2575");
    };
    std::string_view rest = text;
    if (constexpr std::string_view scheme = "tcp://"; rest.starts_with(scheme))
        rest.remove_prefix(scheme.size());
    const std::size_t colon = rest.rfind(':');
    if (colon == std::string_view::npos)
        return wrong();
    std::string_view host = rest.substr(0, colon);
    const std::string_view port = rest.substr(colon + 1);
    const bool has_brackets = host.size() > 1 && host.front() == '[' && host.back() == ']';
    if (has_brackets)
        host = host.substr(1, host.size() - 2);
    if (host.empty() || has_brackets != host.contains(':') || port.empty() || port.size() > 5 ||
        port.find_first_not_of("0123456789") != std::string_view::npos || std::stoul(std::string(port)) > 65'535)
        return wrong();
    return MllpReceiver{.host = std::string(host), .port = std::string(port), .tls = {}};
}

MllpClient::MllpClient(std::unique_ptr<Wire> wire) : wire_(std::move(wire)) {}
MllpClient::MllpClient(MllpClient&&) noexcept = default;
MllpClient& MllpClient::operator=(MllpClient&&) noexcept = default;
MllpClient::~MllpClient() = default;

model::Result<MllpClient> MllpClient::open(const MllpReceiver& receiver) {
    MllpClient client(std::make_unique<Wire>(receiver));
    if (auto connected = client.wire_->connect(); !connected)
        return std::unexpected(std::move(connected.error()));
    return client;
}

model::Result<std::string> MllpClient::ask(std::string_view message) {
    if (auto sent = wire_->send(ingest::mllp_block(message)); !sent)
        return std::unexpected(std::move(sent.error()));
    return next_answer();
}

model::Result<std::string> MllpClient::next_answer() {
    return wire_->receive(wire_->answer_deadline());
}

bool MllpClient::was_answered() const {
    return wire_->was_answered();
}

} // namespace bonewatch::daemon
