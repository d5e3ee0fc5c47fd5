/* x86_decode.c - see x86_decode.h. Two tables of one letter for each opcode, after the opcode maps
 * of Intel's manual (volume 2, appendix A):
 *
 *   .  nothing follows           m  ModRM              p  prefix           ?  not understood
 *   b  one byte                  B  ModRM, one byte    w  two bytes        e  three bytes
 *   z  two or four bytes         Z  ModRM and these    r  distance, 1      R  distance, 4
 *   v  as z, eight with REX.W    o  an address         g G  ModRM; of `test`, also b or z
 *   s  another map               V  VEX, or not understood
 */
#include "redirect/x86_decode.h"

static const char map_one[257] = "mmmmbz..mmmmbz.s"
                                 "mmmmbz..mmmmbz.."
                                 "mmmmbzp.mmmmbzp."
                                 "mmmmbzp.mmmmbzp."
                                 "................"
                                 "................"
                                 "..?mppppzZbB...."
                                 "rrrrrrrrrrrrrrrr"
                                 "BZBBmmmmmmmmmmmm"
                                 "..........?....."
                                 "oooo....bz......"
                                 "bbbbbbbbvvvvvvvv"
                                 "BBw.VVBZe.w..b.."
                                 "mmmmbb?.mmmmmmmm"
                                 "rrrrbbbbRR?r...."
                                 "p.pp..gG......mm";

static const char map_two[257] = "mmmm?.....?.?m.?"
                                 "mmmmmmmmmmmmmmmm"
                                 "mmmm????mmmmmmmm"
                                 "........s?s?????"
                                 "mmmmmmmmmmmmmmmm"
                                 "mmmmmmmmmmmmmmmm"
                                 "mmmmmmmmmmmmmmmm"
                                 "BBBBmmm.????mmmm"
                                 "RRRRRRRRRRRRRRRR"
                                 "mmmmmmmmmmmmmmmm"
                                 "...mBm??...mBmmm"
                                 "mmmmmmmmmmBmmmmm"
                                 "mmBmBBBm........"
                                 "mmmmmmmmmmmmmmmm"
                                 "mmmmmmmmmmmmmmmm"
                                 "mmmmmmmmmmmmmmmm";

/* Opcodes that x64 does not have. */
static const uint8_t not_in_64[] = {0x06, 0x07, 0x0e, 0x16, 0x17, 0x1e, 0x1f, 0x27, 0x2f,
                                    0x37, 0x3f, 0x60, 0x61, 0x82, 0xce, 0xd4, 0xd5};

static bool is_in_64(uint8_t opcode) {
  for (size_t i = 0; i < sizeof(not_in_64); i++) {
    if (not_in_64[i] == opcode) { return false; }
  }
  return true;
}

static bool has_modrm(char kind) {
  return kind == 'm' || kind == 'B' || kind == 'Z' || kind == 'g' || kind == 'G';
}

typedef struct reader {
  const uint8_t* code;
  size_t size;
  size_t at;
  bool is_64;
  bool is_16;   /* operands of two bytes */
  bool is_wide; /* REX.W */
  bool is_short_address;
  bool is_over; /* the bytes ended too early */
} reader_t;

static uint8_t next(reader_t* reader) {
  if (reader->at >= reader->size || reader->at >= 15) {
    reader->is_over = true;
    return 0;
  }
  return reader->code[reader->at++];
}

static void skip(reader_t* reader, size_t count) {
  while (count-- > 0) { next(reader); }
}

/* The opcode, behind all prefixes. */
static uint8_t read_prefixes(reader_t* reader) {
  for (;;) {
    const uint8_t byte = next(reader);
    if (reader->is_over || map_one[byte] != 'p') {
      if (!reader->is_64 || (byte & 0xf0) != 0x40) { return byte; }
      reader->is_wide = (byte & 8) != 0;
      return next(reader);
    }
    reader->is_16 = reader->is_16 || byte == 0x66;
    reader->is_short_address = reader->is_short_address || byte == 0x67;
  }
}

static void read_modrm(reader_t* reader, x86_instruction_t* instruction) {
  const uint8_t modrm = next(reader);
  const unsigned mode = modrm >> 6, base = modrm & 7;
  instruction->modrm = modrm;
  if (mode == 3) { return; }
  unsigned sib_base = base;
  if (base == 4) { sib_base = next(reader) & 7; }
  if (mode == 1) { skip(reader, 1); }
  if (mode == 2 || (mode == 0 && sib_base == 5)) {
    if (reader->is_64 && mode == 0 && base == 5) {
      instruction->relative_at = (uint8_t)reader->at;
      instruction->relative_size = 4;
    }
    skip(reader, 4);
  }
}

static void read_branch(reader_t* reader, x86_instruction_t* instruction, uint8_t size) {
  instruction->relative_at = (uint8_t)reader->at;
  instruction->relative_size = size;
  instruction->is_branch = true;
  skip(reader, size);
}

static size_t size_z(const reader_t* reader) { return reader->is_16 ? 2 : 4; }

static size_t size_address(const reader_t* reader) {
  return reader->is_64 && !reader->is_short_address ? 8 : 4;
}

/* Of group 3 only `test` (0 and 1) has an operand behind ModRM. */
static bool is_test(const x86_instruction_t* instruction) {
  return (instruction->modrm >> 3 & 7) < 2;
}

static bool read_operands(reader_t* reader, char kind, x86_instruction_t* instruction) {
  if (has_modrm(kind)) { read_modrm(reader, instruction); }
  switch (kind) {
    case '.':
    case 'm': return true;
    case 'b':
    case 'B': skip(reader, 1); return true;
    case 'w': skip(reader, 2); return true;
    case 'e': skip(reader, 3); return true;
    case 'z':
    case 'Z': skip(reader, size_z(reader)); return true;
    case 'v': skip(reader, reader->is_wide ? 8 : size_z(reader)); return true;
    case 'o': skip(reader, size_address(reader)); return true;
    case 'g': skip(reader, is_test(instruction) ? 1 : 0); return true;
    case 'G': skip(reader, is_test(instruction) ? size_z(reader) : 0); return true;
    case 'r': read_branch(reader, instruction, 1); return true;
    case 'R': read_branch(reader, instruction, 4); return !reader->is_16;
    default: return false;
  }
}

/* What follows VEX is an opcode of the maps 1 to 3. In x86 code these bytes are VEX only if what
 * would be a ModRM says "register". */
static char read_vex(reader_t* reader, uint8_t first, x86_instruction_t* instruction) {
  const uint8_t second = next(reader);
  if (!reader->is_64 && second >> 6 != 3) { return '?'; }
  instruction->map = 1;
  if (first == 0xc4) {
    instruction->map = second & 0x1f;
    next(reader);
  }
  instruction->opcode = next(reader);
  switch (instruction->map) {
    case 1: return map_two[instruction->opcode];
    case 2: return 'm';
    case 3: return 'B';
    default: return '?';
  }
}

static char read_map(reader_t* reader, x86_instruction_t* instruction) {
  instruction->map = 1;
  instruction->opcode = next(reader);
  const char kind = map_two[instruction->opcode];
  if (kind != 's') { return kind; }
  instruction->map = instruction->opcode == 0x38 ? 2 : 3;
  instruction->opcode = next(reader);
  return instruction->map == 2 ? 'm' : 'B';
}

static char read_kind(reader_t* reader, x86_instruction_t* instruction) {
  const uint8_t byte = read_prefixes(reader);
  instruction->opcode = byte;
  if (reader->is_64 && !is_in_64(byte)) { return '?'; }
  const char kind = map_one[byte];
  if (kind == 'V') { return read_vex(reader, byte, instruction); }
  return kind == 's' ? read_map(reader, instruction) : kind;
}

bool x86_decode(const uint8_t* code, size_t size, bool is_64, x86_instruction_t* instruction) {
  reader_t reader = {.code = code, .size = size, .is_64 = is_64};
  *instruction = (x86_instruction_t){.length = 0};
  const char kind = read_kind(&reader, instruction);
  if (reader.is_over || (reader.is_short_address && !is_64)) { return false; }
  instruction->opcode_at = (uint8_t)(reader.at - 1);
  if (!read_operands(&reader, kind, instruction) || reader.is_over) { return false; }
  instruction->length = (uint8_t)reader.at;
  return true;
}

bool x86_is_end(const x86_instruction_t* instruction) {
  if (instruction->map != 0) { return false; }
  switch (instruction->opcode) {
    case 0xc2:
    case 0xc3:
    case 0xcc: /* what follows a call that does not return */
    case 0xe9:
    case 0xeb: return true;
    case 0xff: return (instruction->modrm >> 3 & 7) == 4;
    default: return false;
  }
}

int64_t x86_distance(const uint8_t* code, const x86_instruction_t* instruction) {
  const uint8_t* const place = code + instruction->relative_at;
  if (instruction->relative_size == 1) { return (int8_t)place[0]; }
  const uint32_t value = (uint32_t)place[0] | (uint32_t)place[1] << 8 | (uint32_t)place[2] << 16 |
                         (uint32_t)place[3] << 24;
  return (int32_t)value;
}
