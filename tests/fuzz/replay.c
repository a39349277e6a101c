// SPDX-License-Identifier: GPL-2.0
/*
 * Feeds stored inputs to one fuzz target without a fuzzing engine: each file
 * whole, cut at every length, and with every byte inverted in turn. Each input
 * lies in a block of its exact size, so that the sanitizer sees the first byte
 * read beyond it.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CUT_MAX		2048	/* longer inputs are cut in steps */
#define FLIP_MAX	1024

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void feed(const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size ? size : 1);

	if (!copy)
		abort();
	if (size)
		memcpy(copy, data, size);
	LLVMFuzzerTestOneInput(copy, size);
	free(copy);
}

static void feed_variants(uint8_t *data, size_t size)
{
	size_t step = size / CUT_MAX + 1;
	size_t i;

	feed(data, size);
	for (i = 0; i < size; i += step)
		feed(data, i);
	for (i = 0; i < size && i < FLIP_MAX; i++) {
		data[i] ^= 0xff;
		feed(data, size);
		data[i] ^= 0xff;
	}
}

static int replay_file(const char *dir, const char *name)
{
	static uint8_t data[1 << 20];
	char path[4096];
	size_t size;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "rb");
	if (!f) {
		perror(path);
		return -1;
	}
	size = fread(data, 1, sizeof(data), f);
	fclose(f);
	feed_variants(data, size);
	return 0;
}

int main(int argc, char **argv)
{
	struct dirent *e;
	int n = 0;
	DIR *d;

	if (argc != 2) {
		fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
		return 2;
	}
	d = opendir(argv[1]);
	if (!d) {
		perror(argv[1]);
		return 1;
	}
	while ((e = readdir(d))) {
		if (e->d_name[0] == '.')
			continue;
		if (replay_file(argv[1], e->d_name))
			return 1;
		n++;
	}
	closedir(d);
	printf("%d inputs\n", n);
	return n ? 0 : 1;	/* an empty corpus guards nothing */
}
