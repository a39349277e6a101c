/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Debug builds: lockdep_assert_held() also means something on a kernel without lockdep. Kbuild.probes includes this
 * before everything else, so that no file has to.
 */
#ifndef SCST_CHECKS_H
#define SCST_CHECKS_H

#include <linux/bug.h>
#include <linux/lockdep.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>

#define SCST_DEBUG_BUILD	/* dump_prs is there */

#if !defined(CONFIG_LOCKDEP) && defined(CONFIG_SMP) && !defined(CONFIG_PREEMPT_RT)

static inline bool scst_spinlock_held(spinlock_t *lock)
{
	return raw_spin_is_locked(spinlock_check(lock));
}

/* By anybody: who holds it only lockdep knows. Locks of other kinds pass. */
#define scst_lock_held(l)							\
	(__same_type(*(l), struct mutex) ? mutex_is_locked((struct mutex *)(l)) :	\
	 __same_type(*(l), spinlock_t) ? scst_spinlock_held((spinlock_t *)(l)) : true)

#undef lockdep_assert_held
#define lockdep_assert_held(l) WARN_ON_ONCE(!scst_lock_held(l))

#endif /* no lockdep */

#endif /* SCST_CHECKS_H */
