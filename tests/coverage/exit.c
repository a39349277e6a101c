// SPDX-License-Identifier: GPL-2.0
/*
 * Linked into every program of a coverage build: children of the daemon leave by _exit(), which writes no counts, and lock
 * themselves in before, so that they could not write any.
 */
void __gcov_dump(void);
void __real__exit(int code);
void __wrap__exit(int code);
const char *__wrap_sandbox_child(const char *const *readable);

void __wrap__exit(int code)
{
	__gcov_dump();
	__real__exit(code);
}

const char *__wrap_sandbox_child(const char *const *readable)
{
	(void)readable;
	return 0;
}
