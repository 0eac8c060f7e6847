/*
 * What every fuzz target defines. libFuzzer calls it with inputs that it makes up; replay.c with
 * each file of the target's corpus, once.
 */
#ifndef LEAP_FUZZ_TARGET_H
#define LEAP_FUZZ_TARGET_H

#include <stddef.h>
#include <stdint.h>

/* Hands the bytes to an entrance of the program, and asserts what must hold whatever they are. 0.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What a target may define: called once, before the first input. 0. */
__attribute__((weak)) int LLVMFuzzerInitialize(int *argc, char ***argv);

#endif
