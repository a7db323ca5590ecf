/* CUDA's vector types. In C they have no constructors, as with the real headers. */
#ifndef SIMT_TYPES_H
#define SIMT_TYPES_H

#define SIMT_VECTOR1(type, name, align)                                                            \
  typedef struct __attribute__((aligned(align))) name##1 {                                         \
    type x;                                                                                        \
  }                                                                                                \
  name##1;
#define SIMT_VECTOR2(type, name, align)                                                            \
  typedef struct __attribute__((aligned(align))) name##2 {                                         \
    type x, y;                                                                                     \
  }                                                                                                \
  name##2;
#define SIMT_VECTOR3(type, name, align)                                                            \
  typedef struct __attribute__((aligned(align))) name##3 {                                         \
    type x, y, z;                                                                                  \
  }                                                                                                \
  name##3;
#define SIMT_VECTOR4(type, name, align)                                                            \
  typedef struct __attribute__((aligned(align))) name##4 {                                         \
    type x, y, z, w;                                                                               \
  }                                                                                                \
  name##4;
/* Alignments as CUDA's: whole vectors of 2 and 4, up to 16 bytes. */
#define SIMT_VECTORS(type, name, size, align2, align4)                                             \
  SIMT_VECTOR1(type, name, size)                                                                   \
  SIMT_VECTOR2(type, name, align2)                                                                 \
  SIMT_VECTOR3(type, name, size)                                                                   \
  SIMT_VECTOR4(type, name, align4)

SIMT_VECTORS(signed char, char, 1, 2, 4)
SIMT_VECTORS(unsigned char, uchar, 1, 2, 4)
SIMT_VECTORS(short, short, 2, 4, 8)
SIMT_VECTORS(unsigned short, ushort, 2, 4, 8)
SIMT_VECTORS(int, int, 4, 8, 16)
SIMT_VECTORS(unsigned int, uint, 4, 8, 16)
SIMT_VECTORS(float, float, 4, 8, 16)
SIMT_VECTORS(long long int, longlong, 8, 16, 16)
SIMT_VECTORS(unsigned long long int, ulonglong, 8, 16, 16)
SIMT_VECTORS(double, double, 8, 16, 16)

typedef struct dim3 {
  unsigned int x, y, z;
#ifdef __cplusplus
  constexpr dim3(unsigned int vx = 1, unsigned int vy = 1, unsigned int vz = 1)
      : x(vx), y(vy), z(vz) {}
  constexpr dim3(uint3 v) : x(v.x), y(v.y), z(v.z) {}
#endif
} dim3;

#endif
