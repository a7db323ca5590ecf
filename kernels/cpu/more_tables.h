/* Tables of narrow_more.h for one question: what it looks up in registers, in 16 bits.
 *
 * An item of `few` ratings by the group has one of some dozens of shares, which a sum of bytes
 * tells apart; of `some` ratings, a weight that is a multiple of 2^26; of `many`, any weight.
 * Numbers are cut into three digits, of 12 bits for some and 13 for many; the last takes the rest.
 * All but those of few and of weights are balanced about 0: sums of a level each then stay within
 * 16 bits.
 */
#ifndef DSS_CPU_MORE_TABLES_H
#define DSS_CPU_MORE_TABLES_H

#include "kernels/common/tables.h"

enum {
  DSS_MORE_LEVELS = 7, /* most levels */
  DSS_MORE_UNIT = 63,  /* largest item */
  DSS_MORE_FEW = 7,
  DSS_MORE_SOME = DSS_WEIGHT_EXACT,
  DSS_MORE_LOW = 3, /* most ratings of each level for which two levels are looked up at once */
  DSS_DIGITS = 3,
  DSS_SOME_BITS = 12,
  DSS_MANY_BITS = 13,
  DSS_VOTE_DIGITS = 2, /* of 6 bits; one is enough for 6 levels */
  DSS_VOTE_DIGIT_BITS = 6,
  DSS_MORE_VECTORS = 32 /* of sums that narrow_more.h holds for a group and quarter */
};

typedef struct dss_cpu_more {
  _Alignas(64) int16_t root[32];            /* w[m] / 2^26, where it is whole */
  int16_t weight[DSS_DIGITS][64];           /* w[m] */
  int16_t others[DSS_DIGITS][64];           /* w[s - 1] */
  int16_t x_vote[DSS_VOTE_DIGITS][64];      /* [t_X + 8 t_Y] vote / t_X */
  int16_t y_vote[DSS_VOTE_DIGITS][64];      /* the same with t_Y */
  uint8_t vote_of[DSS_VOTE_DIGITS][16];     /* [t] vote / t, where there is one */
  uint8_t votes[16];                        /* [t] 255 where there is one, or 0 */
  int16_t few_most[64];                     /* the largest count, as few */
  int16_t few_root[64];                     /* w[m] / 2^26, as few */
  int16_t few[DSS_DIGITS][64];              /* m H by the sum of hash[n_c] over levels, mod 64 */
  int16_t some[DSS_DIGITS][32];             /* XL[n] at n and n + 16 */
  int16_t some_all[64][DSS_DIGITS][32];     /* [T] m LS[T - m] by m */
  int16_t some_cross[64][DSS_DIGITS][16];   /* [T_c] x XH[T_c - x] by x */
  int16_t of_two[2][2][64][DSS_DIGITS][16]; /* [item][level] the same by place: dss_cpu_low_count */
  int16_t of_one[2][64][DSS_DIGITS][16];    /* [item] by x, and by -x from 16 on */
  int16_t many[DSS_DIGITS][64];             /* XL[n] */
  int16_t many_all[64][DSS_DIGITS][64];     /* as some_all */
  int16_t many_cross[64][DSS_DIGITS][64];   /* as some_cross */
  uint8_t hash[16];
  uint64_t vote; /* units of a whole vote: the least number that 1 .. K divide, or 60 */
  unsigned vote_digits;
} dss_cpu_more;

/* Two levels of a pair's items are looked up at x + 4 x' mod 32 for the first item, where 0 is at
 * 0, and at -(x + 4 x') for the second. The count of one of the two levels at an item's place: */
static inline uint32_t dss_cpu_low_count(unsigned item, unsigned level, uint32_t place) {
  uint32_t both = item ? (16 - place) % 16 : place;
  return both >> 2 * level & DSS_MORE_LOW;
}

/* skip_ties: where there is a tie there is no vote. NULL: out of memory. The caller frees. */
dss_cpu_more *dss_cpu_more_make(const dss_tables *tables, bool skip_ties);

#endif
