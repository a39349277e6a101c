// SPDX-License-Identifier: GPL-2.0
/*
 * Memory on the way of a command, of all modules: two functions, never inlined, so that fault injection can let the Nth call
 * fail (fail_function). What is allocated in the context of a system call needs no such help and comes from the kernel directly.
 */
#include <linux/error-injection.h>
#include <linux/gfp.h>
#include <linux/slab.h>

#include "scst_priv.h"

noinline struct page *scst_alloc_pages(unsigned int order)
{
	if (order)
		return alloc_pages((GFP_NOIO & ~__GFP_DIRECT_RECLAIM) | __GFP_COMP | __GFP_NOWARN | __GFP_NORETRY, order);
	return alloc_page(GFP_NOIO | __GFP_NOWARN | __GFP_NORETRY);
}
EXPORT_SYMBOL_GPL(scst_alloc_pages);
ALLOW_ERROR_INJECTION(scst_alloc_pages, NULL);

noinline void *scst_alloc_mem(size_t size)
{
	return kvzalloc(size, GFP_NOIO | __GFP_NOWARN);
}
EXPORT_SYMBOL_GPL(scst_alloc_mem);
ALLOW_ERROR_INJECTION(scst_alloc_mem, NULL);
