/*
 * Wiping of what a request leaves behind outside of the heap, which common/wiped_heap.c wipes:
 * pieces of passwords and secrets that functions of any library had on the stack and in registers.
 */
#ifndef LEAP_WIPE_H
#define LEAP_WIPE_H

/*
 * Wipes the stack below the caller's frame, as far down as a request reaches, and all registers
 * that a function may leave values in. To be called where nothing is going on: in the loop that
 * serves requests.
 */
void wipe_stack_and_registers(void);

#endif
