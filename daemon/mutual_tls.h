#pragma once

#include "config/mllp_settings.h"
#include "store/model/result.h"

#include <openssl/ssl.h>

#include <memory>
#include <string>
#include <vector>

namespace bonewatch::daemon {

struct FreeTlsContext {
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};

/// A server's TLS 1.2 and 1.3 that takes nobody without a certificate of `tls.ca`. Fails with `config`,
/// `bad_certificate`, naming the file.
[[nodiscard]] model::Result<std::unique_ptr<SSL_CTX, FreeTlsContext>> mutual_tls(const config::MllpTls& tls);

/// Whom a certificate names: its DNS names, else its common name. Names with bytes that no name has are left out.
[[nodiscard]] std::vector<std::string> names_in(X509& certificate);

/// The one among the names of the peer's certificate that the door knows; else the first name, or `nameless`.
/// REQUIRES: the peer has shown a certificate.
[[nodiscard]] std::string client_named_in(const SSL& connection, const config::MllpTls& tls);

} // namespace bonewatch::daemon
