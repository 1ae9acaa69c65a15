#include "daemon/mutual_tls.h"

#include "store/model/ensure.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <system_error>

namespace bonewatch::daemon {

namespace {

/// What OpenSSL said of the file.
std::unexpected<model::Error> cannot_use(const std::filesystem::path& path, const std::string& what) {
    const unsigned long code = ERR_peek_error();
    const char* reason = ERR_reason_error_string(code);
    std::string why = reason != nullptr ? reason : "unknown error";
    if (ERR_GET_LIB(code) == ERR_LIB_SYS)
        why = std::generic_category().message(ERR_GET_REASON(code));
    ERR_clear_error();
    return model::fail(model::ErrorKind::config, "bad_certificate", what + " cannot be used: " + why, path.string());
}

void add_name(const ASN1_STRING* text, std::vector<std::string>& names) {
    const auto* bytes = reinterpret_cast<const char*>(ASN1_STRING_get0_data(text));
    const std::string name(bytes, static_cast<std::size_t>(ASN1_STRING_length(text)));
    if (!name.empty() && std::ranges::all_of(name, [](char c) { return c > ' ' && c < 0x7f && c != '"'; }))
        names.push_back(name);
}

model::Result<void> show(SSL_CTX& context, const std::filesystem::path& certificate, const std::filesystem::path& key) {
    if (SSL_CTX_use_certificate_chain_file(&context, certificate.c_str()) != 1)
        return cannot_use(certificate, "the certificate");
    if (SSL_CTX_use_PrivateKey_file(&context, key.c_str(), SSL_FILETYPE_PEM) != 1 ||
        SSL_CTX_check_private_key(&context) != 1)
        return cannot_use(key, "the key");
    return {};
}

} // namespace

model::Result<std::unique_ptr<SSL_CTX, FreeTlsContext>> mutual_tls(const config::MllpTls& tls) {
    std::unique_ptr<SSL_CTX, FreeTlsContext> context(SSL_CTX_new(TLS_server_method()));
    ENSURE(context, "no TLS context could be made");
    ERR_clear_error();
    SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
    // Whoever took a session up again would show no certificate.
    SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
    SSL_CTX_set_options(context.get(), SSL_OP_NO_TICKET);
    SSL_CTX_set_num_tickets(context.get(), 0);
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    if (auto shown = show(*context, tls.certificate, tls.key); !shown)
        return std::unexpected(std::move(shown.error()));
    if (SSL_CTX_load_verify_file(context.get(), tls.ca.c_str()) != 1)
        return cannot_use(tls.ca, "the clients' authority");
    return context;
}

model::Result<std::unique_ptr<SSL_CTX, FreeTlsContext>> client_tls(const ClientTls& tls) {
    std::unique_ptr<SSL_CTX, FreeTlsContext> context(SSL_CTX_new(TLS_client_method()));
    ENSURE(context, "no TLS context could be made");
    ERR_clear_error();
    SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
    X509_VERIFY_PARAM* const wanted = SSL_CTX_get0_param(context.get());
    if (X509_VERIFY_PARAM_set1_ip_asc(wanted, tls.server_name.c_str()) != 1) {
        ERR_clear_error();
        ENSURE(X509_VERIFY_PARAM_set1_host(wanted, tls.server_name.data(), tls.server_name.size()) == 1,
               "the server's name could not be set");
    }
    if (!tls.certificate.empty())
        if (auto shown = show(*context, tls.certificate, tls.key); !shown)
            return std::unexpected(std::move(shown.error()));
    if (SSL_CTX_load_verify_file(context.get(), tls.authority.c_str()) != 1)
        return cannot_use(tls.authority, "the server's authority");
    return context;
}

std::vector<std::string> names_in(X509& certificate) {
    std::vector<std::string> names;
    const std::unique_ptr<GENERAL_NAMES, decltype(&GENERAL_NAMES_free)> alternatives(
        static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(&certificate, NID_subject_alt_name, nullptr, nullptr)),
        GENERAL_NAMES_free);
    bool has_dns_names = false;
    for (int i = 0; alternatives && i < sk_GENERAL_NAME_num(alternatives.get()); ++i) {
        const GENERAL_NAME* name = sk_GENERAL_NAME_value(alternatives.get(), i);
        if (name->type != GEN_DNS)
            continue;
        has_dns_names = true;
        add_name(name->d.dNSName, names);
    }
    if (has_dns_names)
        return names;
    const X509_NAME* subject = X509_get_subject_name(&certificate);
    for (int at = -1; (at = X509_NAME_get_index_by_NID(subject, NID_commonName, at)) >= 0;)
        add_name(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)), names);
    return names;
}

std::string client_named_in(const SSL& connection, const config::MllpTls& tls) {
    const std::unique_ptr<X509, decltype(&X509_free)> certificate(SSL_get1_peer_certificate(&connection), X509_free);
    ENSURE(certificate, "a client without a certificate was let in");
    const std::vector<std::string> names = names_in(*certificate);
    for (const config::MllpClient& client : tls.clients)
        if (std::ranges::find(names, client.name) != names.end())
            return client.name;
    return names.empty() ? "nameless" : names.front();
}

} // namespace bonewatch::daemon
