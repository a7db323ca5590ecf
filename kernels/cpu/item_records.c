/* A tile's records, item by item, by vectors of four numbers: for AVX2 alone. */
#include "records.h"
#include "vectors.h"

_Static_assert(sizeof(v64) == sizeof(dss_cpu_record), "a record is a vector");

/* --- records --------------------------------------------------------------------------------- */

/* What all states that take x of a level's ratings have in common: what they lack, and the most. */
typedef struct level_part {
  v64 less, most;
} level_part;

DSS_INLINE level_part part_of(const dss_cpu_records *records, uint32_t all, uint32_t x) {
  const dss_cpu_logs *logs = &records->level[all][x];
  uint64_t others = all - x;
  return (level_part){{logs->own, logs->cross, others * others, 0}, {0, 0, 0, x}};
}

/* A record before its weights, of as many levels as yet. */
DSS_INLINE v64 taken(v64 so_far, const level_part *part) {
  return (v64)larger_bytes((v8)(so_far - part->less), (v8)part->most);
}

/* What all states of m ratings have in common: what they begin with, and their weights. */
DSS_INLINE void whole_of(const dss_cpu_records *records, uint32_t size, uint32_t m, v64 *whole,
                         v64 *weight) {
  const dss_cpu_logs *logs = &records->whole[size][m];
  uint64_t s = size - m, root = m > 0 ? DSS_WEIGHT_ROOT / m : 0;
  *whole = (v64){logs->own, logs->cross, s * s, 0};
  *weight =
      (v64){root, s > 0 ? root : 0, s > 1 ? records->plain[s - 1] : 0, root << DSS_VOTE_SHIFT};
}

/* States of so many levels by their number of ratings: those of s begin at begin[s]. */
typedef struct level_states {
  size_t begin[DSS_MORE_SOME + 2];
  v64 part[DSS_RECORDS];
} level_states;

/* The states of one level more are those of `from`, one after the other, with the rest of their
 * ratings at that level; places of those it lacks are passed over. The last are weighted. */
DSS_INLINE void add_level(const dss_cpu_records *records, uint32_t few, uint32_t all, uint32_t size,
                          const level_states *from, level_states *to, v64 *last) {
  level_part part[DSS_MORE_SOME + 1];
  uint32_t most = few < all ? few : all;
  size_t n = 0;
  for (uint32_t x = 0; x <= most; x++)
    part[x] = part_of(records, all, x);
  for (uint32_t s = 0; s <= few && s <= size; s++) {
    v64 whole, weight;
    if (last)
      whole_of(records, size, s, &whole, &weight);
    else
      to->begin[s] = n;
    for (uint32_t below = 0; below <= s; below++) {
      size_t i = from->begin[below], end = from->begin[below + 1];
      if (s - below > most)
        n += end - i;
      else if (last)
        for (; i < end; i++, n++)
          last[n] = (taken(from->part[i], &part[s - below]) + whole) * weight;
      else
        for (; i < end; i++, n++)
          to->part[n] = taken(from->part[i], &part[s - below]);
    }
  }
  for (uint32_t s = few < size ? few : size; !last && s <= few; s++)
    to->begin[s + 1] = n;
}

static void fill_records(const dss_cpu_records *records, uint32_t levels, const uint8_t *all,
                         uint32_t size, v64 *to) {
  uint32_t few = dss_cpu_few(levels);
  level_states states[2]; /* of no level: one, without ratings */
  states[0].part[0] = (v64){0};
  for (uint32_t s = 0; s <= few + 1; s++)
    states[0].begin[s] = s > 0;
  for (uint32_t k = 0; k + 1 < levels; k++)
    add_level(records, few, all[k], size, &states[k % 2], &states[(k + 1) % 2], NULL);
  add_level(records, few, all[levels - 1], size, &states[(levels - 1) % 2], NULL, to);
}

/* --- logarithms ------------------------------------------------------------------------------ */

static uint32_t fill_logs(const dss_cpu_records *records, uint32_t n_levels, const uint8_t *all,
                          uint32_t item, uint32_t at, dss_cpu_tile_records *tile) {
  for (uint32_t k = 0; k < n_levels; k += 2) {
    uint32_t second = k + 1 < n_levels ? all[k + 1] : 0;
    tile->first[item][k / 2] = at;
    for (uint32_t y = 0; y <= second; y++)
      for (uint32_t x = 0; x <= all[k]; x++, at++) {
        const dss_cpu_logs a = records->level[all[k]][x], b = records->level[second][y];
        tile->logs[at] = (dss_cpu_logs){a.own + b.own, a.cross + b.cross};
      }
  }
  return at;
}

uint32_t dss_cpu_fill_item(const dss_cpu_records *records, uint32_t n_levels, const uint8_t *all,
                           uint32_t item, uint32_t at, dss_cpu_tile_records *tile) {
  uint32_t size = 0;
  for (uint32_t k = 0; k < n_levels; k++)
    size += all[k];
  fill_records(records, n_levels, all, size, (v64 *)tile->records[item]);
  return fill_logs(records, n_levels, all, item, at, tile);
}
