// Regions one after the other by OpenMP, for the bench `phases`, which compiles this with gcc.

#include <omp.h>
#include <stdint.h>
#include <time.h>

static uint64_t grind(uint64_t x, uint32_t steps) {
    for (uint32_t i = 0; i < steps; i++)
        x = (x ^ (x >> 29)) * 0x9e3779b97f4a7c15u;
    return x >> 32;
}

static uint64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

uint64_t regions(uint64_t times, uint64_t items, uint32_t steps, uint64_t gap, uint32_t threads) {
    uint64_t sum = 0;
    for (uint64_t i = 0; i < times; i++) {
        for (uint64_t begun = now(); now() - begun < gap;) {
        }
        sum = 0;
#pragma omp parallel for schedule(static) reduction(+ : sum) num_threads(threads)
        for (uint64_t item = 0; item < items; item++)
            sum += grind(steps, steps);
    }
    // Its threads would go on spinning while the others are measured.
    omp_pause_resource_all(omp_pause_soft);
    return sum;
}
