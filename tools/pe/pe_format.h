/* pe_format.h - places and values of the PE format, as Microsoft's "PE Format" describes it. */
#ifndef MIM_TOOLS_PE_FORMAT_H
#define MIM_TOOLS_PE_FORMAT_H

/* The DOS header, and the signature it leads to. */
enum {
  PE_DOS_SIZE = 64,
  PE_DOS_NEW_HEADER = 60, /* file offset of the signature "PE\0\0" */
};

/* From the signature on: the file header, then the optional header. */
enum {
  PE_FILE_MACHINE = 4,
  PE_FILE_SECTION_COUNT = 6,
  PE_FILE_OPTIONAL_SIZE = 20,
  PE_FILE_FLAGS = 22,
  PE_FILE_SIZE = 24,
  PE_FLAG_DLL = 0x2000,
};

/* From the optional header on. PE32 and PE32+ differ only by wider fields behind those here. */
enum {
  PE_OPT_SECTION_ALIGNMENT = 32,
  PE_OPT_FILE_ALIGNMENT = 36,
  PE_OPT_IMAGE_SIZE = 56,
  PE_OPT_HEADERS_SIZE = 60,
  PE_OPT_CHECKSUM = 64,
  PE_OPT_DLL_FLAGS = 70,
  PE_OPT_IMAGE_BASE_32 = 28,
  PE_OPT_IMAGE_BASE_64 = 24,
  PE_OPT_DIRECTORIES_32 = 96,
  PE_OPT_DIRECTORIES_64 = 112,
  PE_MAGIC_32 = 0x10b,
  PE_MAGIC_64 = 0x20b,
  PE_DLL_FORCE_INTEGRITY = 0x80,
};

enum {
  PE_DIR_EXPORT = 0,
  PE_DIR_IMPORT = 1,
  PE_DIR_CERTIFICATE = 4, /* the only one that holds a file offset */
  PE_DIR_LOAD_CONFIG = 10,
  PE_DIR_BOUND_IMPORT = 11,
  PE_DIR_IAT = 12,
  PE_DIR_CLR = 14,
  PE_DIR_MAX = 16,
  PE_DIR_SIZE = 8,
};

enum {
  PE_SECTION_NAME_SIZE = 8,
  PE_SECTION_VIRTUAL_SIZE = 8,
  PE_SECTION_RVA = 12,
  PE_SECTION_RAW_SIZE = 16,
  PE_SECTION_RAW = 20,
  PE_SECTION_FLAGS = 36,
  PE_SECTION_SIZE = 40,
  PE_SECTION_MAX = 96,    /* what the Windows loader takes */
  PE_SECTOR_SIZE = 512,   /* it reads sections from whole sectors */
  PE_OS_PAGE_SIZE = 4096, /* and maps them by pages of this size on every machine type */
};

#define PE_SECTION_INITIALIZED 0x00000040u
#define PE_SECTION_READ 0x40000000u
#define PE_SECTION_WRITE 0x80000000u

enum {
  PE_IMPORT_LOOKUP = 0, /* RVA of the names; 0 if the address table holds them itself */
  PE_IMPORT_TIME = 4,   /* not 0: bound to addresses that were true on the day of linking */
  PE_IMPORT_FORWARDER = 8,
  PE_IMPORT_NAME = 12,
  PE_IMPORT_ADDRESSES = 16,
  PE_IMPORT_SIZE = 20,
};

enum {
  PE_EXPORT_ADDRESS_COUNT = 20,
  PE_EXPORT_NAME_COUNT = 24,
  PE_EXPORT_ADDRESSES = 28,
  PE_EXPORT_NAMES = 32,
  PE_EXPORT_ORDINALS = 36,
  PE_EXPORT_SIZE = 40,
};

/* The load configuration grew with Windows: its first word says how much of it there is. */
enum {
  PE_CONFIG_LOAD_FLAGS_32 = 54,
  PE_CONFIG_LOAD_FLAGS_64 = 78,
  PE_CONFIG_HYBRID_64 = 200, /* address of the metadata of ARM64EC and ARM64X */
  PE_CONFIG_DYNAMIC_OFFSET_64 = 224,
  PE_CONFIG_DYNAMIC_SECTION_64 = 228,
  PE_CONFIG_DYNAMIC_END_64 = 230,
  PE_LOAD_FROM_SYSTEM = 0x800, /* imported DLLs are looked for in System32 only */
};

/* Dynamic relocations: what the loader changes in an ARM64X image that runs as x64. */
enum {
  PE_DYNAMIC_HEADER_SIZE = 8,
  PE_DYNAMIC_ENTRY_SIZE_64 = 12,
  PE_DYNAMIC_ARM64X = 6,
  PE_FIXUP_BLOCK_SIZE = 8,
  PE_FIXUP_ZERO = 0,
  PE_FIXUP_VALUE = 1,
  PE_FIXUP_DELTA = 2,
};

#endif
