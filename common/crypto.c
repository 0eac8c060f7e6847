#include "common/crypto.h"

#include <openssl/evp.h>
#include <openssl/rand.h>

/* OpenSSL's own, which it would look for at each use, and takes longer to find than to run; NULL
 * where a process did not begin with crypto_prepare(). */
static const EVP_MD *sha256;

bool crypto_prepare(void)
{
    unsigned char bytes[SHA256_BYTES];
    size_t size = 0;

    sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
    return sha256 != NULL && RAND_bytes(bytes, SHA256_BYTES) == 1 &&
           crypto_sha256(bytes, SHA256_BYTES, bytes) &&
           EVP_Q_mac(NULL, "HMAC", NULL, "SHA256", NULL, bytes, SHA256_BYTES, bytes, SHA256_BYTES,
                     bytes, SHA256_BYTES, &size) != NULL &&
           EVP_PBE_scrypt("", 0, bytes, SHA256_BYTES, 2, 1, 1, 0, bytes, SHA256_BYTES) == 1;
}

bool crypto_sha256(const void *bytes, size_t length, unsigned char digest[SHA256_BYTES])
{
    return EVP_Digest(bytes, length, digest, NULL, sha256 != NULL ? sha256 : EVP_sha256(), NULL) ==
           1;
}
