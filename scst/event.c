// SPDX-License-Identifier: GPL-2.0
/*
 * /dev/scst_event: each open file is a listener with its subscriptions and its queue of events.
 *
 * One spinlock guards all of it: events are rare. Whoever takes a struct scst_event_wait off the list of those that wait,
 * under that lock, is the one that calls its done().
 */
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "event.h"
#include "scst_priv.h"

#define QUEUE_MAX	2048
#define SUBS_MAX	100
#define CONFIRM_TIMEOUT	(60 * HZ)

/* An event on its way; one reference per queue it is in. */
struct event {
	refcount_t ref;
	struct scst_event head;
	u8 payload[];
};

struct queued {
	struct list_head link;
	struct event *event;
};

struct subscription {
	struct list_head link;
	u32 code;			/* 0: all */
	char issuer[SCST_EVENT_ISSUER_LEN];
	char target[];			/* "": all */
};

/* Everything but @wait under events_lock. */
struct scst_listener {
	struct list_head link;
	struct list_head subs;
	unsigned int nr_subs;
	bool has_subscribed;
	struct list_head queue;
	unsigned int nr_queued;
	wait_queue_head_t wait;
};

static DEFINE_SPINLOCK(events_lock);
static LIST_HEAD(listeners);
static LIST_HEAD(waits);		/* struct scst_event_wait */
static u32 last_id;

/* ---- telling */

bool scst_event_wanted(void)
{
	/* A listener that is just coming may miss what is just happening. */
	return !list_empty(&listeners);
}

static void event_put(struct event *event)
{
	if (refcount_dec_and_test(&event->ref))
		kvfree(event);
}

static bool listens(const struct scst_listener *l, const struct event *event, const char *target)
{
	const struct subscription *s;

	list_for_each_entry(s, &l->subs, link) {
		if (s->code && s->code != event->head.event_code)
			continue;
		if (strcmp(s->issuer, SCST_EVENT_ALL_ISSUERS) && strcmp(s->issuer, event->head.issuer_name))
			continue;
		if (!s->target[0] || !target || !strcmp(s->target, target))
			return true;
	}
	return false;
}

static bool enqueue(struct scst_listener *l, struct event *event)
{
	struct queued *q = NULL;

	if (l->nr_queued < QUEUE_MAX)
		q = kmalloc(sizeof(*q), GFP_ATOMIC | __GFP_NOWARN);
	if (!q) {
		pr_warn_ratelimited("event %u of code %u is lost: nobody fetches them\n", event->head.event_id,
				    event->head.event_code);
		return false;
	}
	refcount_inc(&event->ref);
	q->event = event;
	list_add_tail(&q->link, &l->queue);
	l->nr_queued++;
	wake_up_interruptible(&l->wait);
	return true;
}

static struct event *make_event(u32 code, const void *payload, size_t len, gfp_t gfp)
{
	struct event *event = kvmalloc(struct_size(event, payload, len), gfp | __GFP_NOWARN);

	if (!event)
		return NULL;
	memset(event, 0, sizeof(*event));
	refcount_set(&event->ref, 1);
	event->head.payload_len = len;
	event->head.event_code = code;
	strscpy(event->head.issuer_name, SCST_EVENT_ISSUER, sizeof(event->head.issuer_name));
	memcpy(event->payload, payload, len);
	return event;
}

static void timed_out(struct work_struct *work)
{
	struct scst_event_wait *wait = container_of(to_delayed_work(work), struct scst_event_wait, timeout);
	bool mine;

	spin_lock_irq(&events_lock);
	mine = !list_empty(&wait->link);
	list_del_init(&wait->link);
	spin_unlock_irq(&events_lock);
	if (!mine)
		return;
	pr_warn("event %u was not confirmed in time: what it asked for fails\n", wait->id);
	wait->done(wait, -ETIMEDOUT);
}

static void start_wait(struct scst_event_wait *wait, u32 id, struct scst_listener *only)
{
	wait->id = id;
	wait->only = only;
	INIT_DELAYED_WORK(&wait->timeout, timed_out);
	list_add_tail(&wait->link, &waits);
	queue_delayed_work(scst_wq, &wait->timeout, CONFIRM_TIMEOUT);
}

/* Off the list already: this caller ends it. */
static void end_wait(struct scst_event_wait *wait, int status)
{
	cancel_delayed_work_sync(&wait->timeout);
	wait->done(wait, status);
}

int scst_event_send(u32 code, const char *target, const void *payload, size_t len, gfp_t gfp, struct scst_event_wait *wait)
{
	struct scst_listener *l, *only = NULL;
	struct event *event;
	unsigned long flags;
	int reached = 0;

	if (!scst_event_wanted())
		return 0;
	event = make_event(code, payload, len, gfp);
	if (!event)
		return 0;
	spin_lock_irqsave(&events_lock, flags);
	event->head.event_id = ++last_id;
	list_for_each_entry(l, &listeners, link) {
		if (!listens(l, event, target) || !enqueue(l, event))
			continue;
		only = reached++ ? NULL : l;
	}
	if (wait && reached)
		start_wait(wait, event->head.event_id, only);
	spin_unlock_irqrestore(&events_lock, flags);
	event_put(event);
	return reached;
}

/* ---- subscriptions */

/* Reads the request and the name behind it. */
static struct subscription *read_subscription(const void __user *arg)
{
	struct subscription *s;
	struct scst_event ev;

	if (copy_from_user(&ev, arg, sizeof(ev)))
		return ERR_PTR(-EFAULT);
	if (ev.payload_len < 0 || ev.payload_len > SCST_EVENT_ALLOW_MAX)
		return ERR_PTR(-EINVAL);
	if (strnlen(ev.issuer_name, sizeof(ev.issuer_name)) == sizeof(ev.issuer_name))
		return ERR_PTR(-EINVAL);
	s = kzalloc(struct_size(s, target, ev.payload_len + 1), GFP_KERNEL);
	if (!s)
		return ERR_PTR(-ENOMEM);
	s->code = ev.event_code;
	strscpy(s->issuer, ev.issuer_name, sizeof(s->issuer));
	if (copy_from_user(s->target, arg + sizeof(ev), ev.payload_len)) {
		kfree(s);
		return ERR_PTR(-EFAULT);
	}
	return s;
}

static struct subscription *find_subscription(struct scst_listener *l, const struct subscription *like)
{
	struct subscription *s;

	list_for_each_entry(s, &l->subs, link)
		if (s->code == like->code && !strcmp(s->issuer, like->issuer) && !strcmp(s->target, like->target))
			return s;
	return NULL;
}

static long allow(struct scst_listener *l, const void __user *arg)
{
	struct subscription *s = read_subscription(arg);
	long ret = 0;

	if (IS_ERR(s))
		return PTR_ERR(s);
	spin_lock_irq(&events_lock);
	if (find_subscription(l, s)) {
		ret = -EEXIST;
	} else if (l->nr_subs == SUBS_MAX) {
		ret = -EMFILE;
	} else {
		list_add_tail(&s->link, &l->subs);
		l->nr_subs++;
		l->has_subscribed = true;
	}
	spin_unlock_irq(&events_lock);
	if (ret)
		kfree(s);
	return ret;
}

static long disallow(struct scst_listener *l, const void __user *arg)
{
	struct subscription *like = read_subscription(arg), *s;

	if (IS_ERR(like))
		return PTR_ERR(like);
	spin_lock_irq(&events_lock);
	s = find_subscription(l, like);
	if (s) {
		list_del(&s->link);
		l->nr_subs--;
	}
	spin_unlock_irq(&events_lock);
	kfree(like);
	kfree(s);
	return s ? 0 : -ENOENT;
}

/* ---- fetching and confirming */

static struct queued *pop(struct scst_listener *l)
{
	struct queued *q;

	spin_lock_irq(&events_lock);
	q = list_first_entry_or_null(&l->queue, struct queued, link);
	if (q) {
		list_del(&q->link);
		l->nr_queued--;
	}
	spin_unlock_irq(&events_lock);
	return q;
}

static void push_back(struct scst_listener *l, struct queued *q)
{
	spin_lock_irq(&events_lock);
	list_add(&q->link, &l->queue);
	l->nr_queued++;
	spin_unlock_irq(&events_lock);
}

static int copy_event(const struct event *event, struct scst_event_user __user *arg)
{
	s32 room, need = sizeof(event->head) + event->head.payload_len;

	if (get_user(room, &arg->max_event_size))
		return -EFAULT;
	if (room < need)
		return put_user(need, &arg->max_event_size) ? -EFAULT : -ENOSPC;
	if (copy_to_user(&arg->out_event, &event->head, sizeof(event->head)) ||
	    copy_to_user(&arg->out_event + 1, event->payload, event->head.payload_len))
		return -EFAULT;
	return 0;
}

static long get_next(struct scst_listener *l, struct scst_event_user __user *arg, bool nonblock)
{
	struct queued *q;
	int ret;

	while (!(q = pop(l))) {
		if (nonblock)
			return -EAGAIN;
		if (wait_event_interruptible(l->wait, READ_ONCE(l->nr_queued)))
			return -EINTR;
	}
	ret = copy_event(q->event, arg);
	if (ret) {
		push_back(l, q);
		return ret;
	}
	event_put(q->event);
	kfree(q);
	return 0;
}

static long notify_done(const void __user *arg)
{
	struct scst_event_notify_done n;
	struct scst_event_wait *wait;
	bool found = false;

	if (copy_from_user(&n, arg, sizeof(n)))
		return -EFAULT;
	spin_lock_irq(&events_lock);
	list_for_each_entry(wait, &waits, link) {
		if (wait->id == n.event_id) {
			list_del_init(&wait->link);
			found = true;
			break;
		}
	}
	spin_unlock_irq(&events_lock);
	if (!found)
		return -ENOENT;
	end_wait(wait, n.status);
	return 0;
}

/* ---- the file */

static int event_open(struct inode *inode, struct file *file)
{
	struct scst_listener *l = kzalloc(sizeof(*l), GFP_KERNEL);

	if (!l)
		return -ENOMEM;
	INIT_LIST_HEAD(&l->subs);
	INIT_LIST_HEAD(&l->queue);
	init_waitqueue_head(&l->wait);
	file->private_data = l;
	spin_lock_irq(&events_lock);
	list_add_tail(&l->link, &listeners);
	spin_unlock_irq(&events_lock);
	return nonseekable_open(inode, file);
}

/* Some event that waits for nobody but this listener. */
static struct scst_event_wait *take_orphan(struct scst_listener *l)
{
	struct scst_event_wait *wait;

	spin_lock_irq(&events_lock);
	list_for_each_entry(wait, &waits, link) {
		if (wait->only == l) {
			list_del_init(&wait->link);
			spin_unlock_irq(&events_lock);
			return wait;
		}
	}
	spin_unlock_irq(&events_lock);
	return NULL;
}

static int event_release(struct inode *inode, struct file *file)
{
	struct scst_listener *l = file->private_data;
	struct subscription *s, *next;
	struct scst_event_wait *wait;
	struct queued *q;

	spin_lock_irq(&events_lock);
	list_del(&l->link);
	spin_unlock_irq(&events_lock);
	while ((wait = take_orphan(l)))
		end_wait(wait, -EPIPE);
	while ((q = pop(l))) {
		event_put(q->event);
		kfree(q);
	}
	list_for_each_entry_safe(s, next, &l->subs, link)
		kfree(s);
	kfree(l);
	return 0;
}

static long event_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct scst_listener *l = file->private_data;

	switch (cmd) {
	case SCST_EVENT_ALLOW:
		return allow(l, (void __user *)arg);
	case SCST_EVENT_DISALLOW:
		return disallow(l, (void __user *)arg);
	case SCST_EVENT_GET_NEXT:
		return get_next(l, (void __user *)arg, file->f_flags & O_NONBLOCK);
	case SCST_EVENT_NOTIFY_DONE:
		return notify_done((void __user *)arg);
	default:
		return -ENOTTY;
	}
}

static __poll_t event_poll(struct file *file, poll_table *table)
{
	struct scst_listener *l = file->private_data;

	poll_wait(file, &l->wait, table);
	if (!READ_ONCE(l->has_subscribed))
		return EPOLLNVAL;
	return READ_ONCE(l->nr_queued) ? EPOLLIN | EPOLLRDNORM : 0;
}

static const struct file_operations event_fops = {
	.owner = THIS_MODULE,
	.open = event_open,
	.release = event_release,
	.unlocked_ioctl = event_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.poll = event_poll,
};

static struct miscdevice event_dev = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "scst_event",
	.fops = &event_fops,
	.mode = 0600,
};

int scst_event_init(void)
{
	return misc_register(&event_dev);
}

void scst_event_exit(void)
{
	misc_deregister(&event_dev);
}
