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

#if !defined(CONFIG_LOCKDEP) && defined(CONFIG_SMP)

static inline bool scst_mutex_held(const void *lock)
{
	return mutex_is_locked((struct mutex *)lock);
}

static inline bool scst_spinlock_held(const void *lock)
{
	return spin_is_locked((spinlock_t *)lock);
}

static inline bool scst_other_lock_held(const void *lock)
{
	return true;
}

/* By anybody: who holds it only lockdep knows. */
#define scst_lock_held(l)				\
	_Generic((l),					\
		 struct mutex *: scst_mutex_held,	\
		 spinlock_t *: scst_spinlock_held,	\
		 default: scst_other_lock_held)(l)

#undef lockdep_assert_held
#define lockdep_assert_held(l) WARN_ON_ONCE(!scst_lock_held(l))

#endif /* !CONFIG_LOCKDEP && CONFIG_SMP */

#endif /* SCST_CHECKS_H */
