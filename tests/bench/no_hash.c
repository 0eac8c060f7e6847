/*
 * For measuring creates without hashing: linked with -Wl,--wrap=EVP_PBE_scrypt this takes the place
 * of the hash, so that the program itself has no such switch.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp): the linker's name for it
 */
int __wrap_EVP_PBE_scrypt(const char *password, size_t password_length, const unsigned char *salt,
                          size_t salt_length, uint64_t n, uint64_t r, uint64_t p, uint64_t maximum,
                          unsigned char *key, size_t key_length);

int __wrap_EVP_PBE_scrypt(const char *password, size_t password_length, const unsigned char *salt,
                          size_t salt_length, uint64_t n, uint64_t r, uint64_t p, uint64_t maximum,
                          unsigned char *key, size_t key_length)
{
    (void)password, (void)password_length, (void)salt, (void)salt_length;
    (void)n, (void)r, (void)p, (void)maximum;
    memset(key, 0, key_length);
    return 1;
}
/* NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */
