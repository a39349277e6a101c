/* SPDX-License-Identifier: GPL-2.0 */
/* The operations, one function each; every one returns the exit code. */
#ifndef ADM_VERBS_H
#define ADM_VERBS_H

struct adm;

int list_device_attrs(struct adm *a, const char *name);

int verb_add_dgrp(struct adm *a);
int verb_add_dgrp_dev(struct adm *a);
int verb_add_drv_attr(struct adm *a);
int verb_add_group(struct adm *a);
int verb_add_init(struct adm *a);
int verb_add_lun(struct adm *a);
int verb_add_target(struct adm *a);
int verb_add_tgrp(struct adm *a);
int verb_add_tgrp_tgt(struct adm *a);
int verb_add_tgt_attr(struct adm *a);
int verb_check_config(struct adm *a);
int verb_clear_config(struct adm *a);
int verb_clear_inits(struct adm *a);
int verb_clear_luns(struct adm *a);
int verb_close_dev(struct adm *a);
int verb_config(struct adm *a);
int verb_disable_target(struct adm *a);
int verb_dump_attrs(struct adm *a);
int verb_enable_target(struct adm *a);
int verb_issue_lip(struct adm *a);
int verb_list_dev_attr(struct adm *a);
int verb_list_device(struct adm *a);
int verb_list_dgrp(struct adm *a);
int verb_list_dgrp_attr(struct adm *a);
int verb_list_driver(struct adm *a);
int verb_list_drv_attr(struct adm *a);
int verb_list_group(struct adm *a);
int verb_list_grp_attr(struct adm *a);
int verb_list_handler(struct adm *a);
int verb_list_hnd_attr(struct adm *a);
int verb_list_init_attr(struct adm *a);
int verb_list_lun_attr(struct adm *a);
int verb_list_modules(struct adm *a);
int verb_list_scst_attr(struct adm *a);
int verb_list_sessions(struct adm *a);
int verb_list_target(struct adm *a);
int verb_list_tgrp(struct adm *a);
int verb_list_tgrp_attr(struct adm *a);
int verb_list_tgt_attr(struct adm *a);
int verb_list_ttgt_attr(struct adm *a);
int verb_move_init(struct adm *a);
int verb_open_dev(struct adm *a);
int verb_rem_dgrp(struct adm *a);
int verb_rem_dgrp_dev(struct adm *a);
int verb_rem_drv_attr(struct adm *a);
int verb_rem_group(struct adm *a);
int verb_rem_init(struct adm *a);
int verb_rem_lun(struct adm *a);
int verb_rem_target(struct adm *a);
int verb_rem_tgrp(struct adm *a);
int verb_rem_tgrp_tgt(struct adm *a);
int verb_rem_tgt_attr(struct adm *a);
int verb_replace_lun(struct adm *a);
int verb_resync_dev(struct adm *a);
int verb_set_dev_attr(struct adm *a);
int verb_set_dgrp_attr(struct adm *a);
int verb_set_drv_attr(struct adm *a);
int verb_set_grp_attr(struct adm *a);
int verb_set_hnd_attr(struct adm *a);
int verb_set_init_attr(struct adm *a);
int verb_set_lun_attr(struct adm *a);
int verb_set_scst_attr(struct adm *a);
int verb_set_tgrp_attr(struct adm *a);
int verb_set_tgt_attr(struct adm *a);
int verb_set_ttgt_attr(struct adm *a);
int verb_write_config(struct adm *a);

#endif
