#include "common/crypto.h"

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stddef.h>

enum { SHA256_BYTES = 32 };

bool crypto_prepare(void)
{
    unsigned char bytes[SHA256_BYTES];
    size_t size = 0;

    return RAND_bytes(bytes, SHA256_BYTES) == 1 &&
           EVP_Digest(bytes, SHA256_BYTES, bytes, NULL, EVP_sha256(), NULL) == 1 &&
           EVP_Q_mac(NULL, "HMAC", NULL, "SHA256", NULL, bytes, SHA256_BYTES, bytes, SHA256_BYTES,
                     bytes, SHA256_BYTES, &size) != NULL &&
           EVP_PBE_scrypt("", 0, bytes, SHA256_BYTES, 2, 1, 1, 0, bytes, SHA256_BYTES) == 1;
}
