#pragma once

#include "config/mllp_settings.h"
#include "store/model/result.h"

#include <openssl/ssl.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace bonewatch::daemon {

struct FreeTlsContext {
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};

/// With what a client shows who it is, and by what it knows the server.
struct ClientTls {
    std::filesystem::path certificate, key; ///< Both empty: it shows none.
    std::filesystem::path authority;        ///< Of the server's certificate.
    std::string server_name;                ///< A DNS name or an address, which that certificate names.
};

/// A server's TLS 1.2 and 1.3 that takes nobody without a certificate of `tls.ca`. Fails with `config`,
/// `bad_certificate`, naming the file.
[[nodiscard]] model::Result<std::unique_ptr<SSL_CTX, FreeTlsContext>> mutual_tls(const config::MllpTls& tls);

/// A client's TLS 1.2 and 1.3. Fails likewise.
[[nodiscard]] model::Result<std::unique_ptr<SSL_CTX, FreeTlsContext>> client_tls(const ClientTls& tls);

/// Whom a certificate names: its DNS names, else its common name. Names with bytes that no name has are left out.
[[nodiscard]] std::vector<std::string> names_in(X509& certificate);

/// The one among the names of the peer's certificate that the door knows; else the first name, or `nameless`.
/// REQUIRES: the peer has shown a certificate.
[[nodiscard]] std::string client_named_in(const SSL& connection, const config::MllpTls& tls);

} // namespace bonewatch::daemon
