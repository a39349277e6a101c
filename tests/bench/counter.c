// SPDX-License-Identifier: GPL-2.0
/*
 * Plugin of QEMU's translator: counts executed instructions by the address of their block, between two marks that the guest
 * sets by executing a no-op with a displacement of ours (see window.py).
 *
 *	-plugin file=counter.so,out=FILE
 *
 * Each second mark writes lines "ADDRESS INSTRUCTIONS ENTRIES". One virtual processor, hence no locks.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The part of QEMU's plugin interface, version 1, that is used here. */
typedef uint64_t plugin_id;
struct qemu_plugin_tb;
struct qemu_plugin_insn;

#define EXPORT __attribute__((visibility("default")))
EXPORT int qemu_plugin_version = 1;
EXPORT int qemu_plugin_install(plugin_id id, const void *info, int argc, char **argv);
void qemu_plugin_register_vcpu_tb_trans_cb(plugin_id id, void (*cb)(plugin_id, struct qemu_plugin_tb *));
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
uint64_t qemu_plugin_tb_vaddr(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t idx);
const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *insn);
size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *insn);
void qemu_plugin_register_vcpu_tb_exec_inline(struct qemu_plugin_tb *tb, int add_u64, void *ptr, uint64_t imm);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn, void (*cb)(unsigned int, void *),
					    int no_regs, void *data);

#define BUCKETS		65536
#define KERNEL_HALF	(1ULL << 63)

struct block {
	struct block *next;
	uint64_t addr;
	uint64_t insns;
	uint64_t entries;
};

static struct block *table[BUCKETS];
static const char *out_path;

/* All of user space is one block. */
static struct block *block_of(uint64_t addr)
{
	struct block **bucket, *b;

	if (!(addr & KERNEL_HALF))
		addr = 0;
	bucket = &table[(addr ^ addr >> 16) % BUCKETS];
	for (b = *bucket; b; b = b->next)
		if (b->addr == addr)
			return b;
	b = calloc(1, sizeof(*b));
	if (!b)
		abort();
	b->addr = addr;
	b->next = *bucket;
	*bucket = b;
	return b;
}

static void mark_begin(unsigned int cpu, void *data)
{
	struct block *b;
	int i;

	(void)cpu;
	(void)data;
	for (i = 0; i < BUCKETS; i++)
		for (b = table[i]; b; b = b->next)
			b->insns = b->entries = 0;
}

static void mark_end(unsigned int cpu, void *data)
{
	FILE *f = fopen(out_path, "w");
	struct block *b;
	int i;

	(void)cpu;
	(void)data;
	if (!f) {
		perror(out_path);
		return;
	}
	for (i = 0; i < BUCKETS; i++)
		for (b = table[i]; b; b = b->next)
			if (b->insns)
				fprintf(f, "%" PRIx64 " %" PRIu64 " %" PRIu64 "\n", b->addr, b->insns, b->entries);
	fclose(f);
}

/* nopl DISPLACEMENT(%rdx,%rax,2); the same bytes as in window.py */
static const unsigned char begin_insn[] = { 0x0f, 0x1f, 0x84, 0x42, 'S', 'C', 'S', '<' };
static const unsigned char end_insn[] = { 0x0f, 0x1f, 0x84, 0x42, 'S', 'C', 'S', '>' };

static bool insn_is(const struct qemu_plugin_insn *insn, const unsigned char *bytes)
{
	return qemu_plugin_insn_size(insn) == sizeof(begin_insn) &&
	       !memcmp(qemu_plugin_insn_data(insn), bytes, sizeof(begin_insn));
}

static void translated(plugin_id id, struct qemu_plugin_tb *tb)
{
	struct block *b = block_of(qemu_plugin_tb_vaddr(tb));
	size_t i, n = qemu_plugin_tb_n_insns(tb);

	(void)id;
	qemu_plugin_register_vcpu_tb_exec_inline(tb, 0, &b->insns, n);
	qemu_plugin_register_vcpu_tb_exec_inline(tb, 0, &b->entries, 1);
	if (b->addr)
		return;
	for (i = 0; i < n; i++) {
		struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);

		if (insn_is(insn, begin_insn))
			qemu_plugin_register_vcpu_insn_exec_cb(insn, mark_begin, 0, NULL);
		else if (insn_is(insn, end_insn))
			qemu_plugin_register_vcpu_insn_exec_cb(insn, mark_end, 0, NULL);
	}
}

int qemu_plugin_install(plugin_id id, const void *info, int argc, char **argv)
{
	(void)info;
	if (argc != 1 || strncmp(argv[0], "out=", 4)) {
		fprintf(stderr, "counter: wants out=FILE\n");
		return -1;
	}
	out_path = strdup(argv[0] + 4);
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
	return 0;
}
