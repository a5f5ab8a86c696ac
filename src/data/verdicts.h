/* What stands of each frame after a log of verdicts: every line is kept in the history of the
 * frames it names, so that undoing is only a mark. */
#ifndef HS_DATA_VERDICTS_H
#define HS_DATA_VERDICTS_H

#include "data/quality_table.h"
#include "data/verdict_log.h"

/* One line in the history of one frame. */
typedef struct hs_verdict_touch {
    uint32_t record;
    uint32_t before; /* the touch before it of the same frame, plus 1; 0: none */
} hs_verdict_touch;

typedef struct hs_verdicts {
    hs_verdict_log *log;      /* borrowed */
    const char *const *names; /* [count], borrowed */
    uint32_t *sorted;         /* [count]: frames by strcmp of their names */
    uint32_t *last;           /* [count]: the latest touch of each frame, plus 1; 0: none */
    int64_t count;
    hs_verdict_touch *touches; /* [touched] */
    int64_t touched, room;
    uint8_t *undone; /* [known]: whether a line counts no more */
    int64_t known;   /* lines of the log taken in */
    int64_t undone_room;
} hs_verdicts;

/* Takes in the whole log for frames names[count], all different. Frames of the log that are not
 * among them are left out. HS_ERR_DATA for an undo of a line that is not there. Initialise with
 * {0}; free also after a failure. `log` and `names` must live as long. */
hs_status hs_verdicts_init(hs_verdicts *v, hs_verdict_log *log, const char *const *names,
                           int64_t count);
void hs_verdicts_free(hs_verdicts *v);

/* Takes in the lines that were appended to the log since. */
hs_status hs_verdicts_follow(hs_verdicts *v);

/* The line that decides on a frame, NULL where nobody has said (or where it was cleared). With
 * `reviewer` not NULL only that person's lines count. */
const hs_verdict_record *hs_verdicts_of(const hs_verdicts *v, int64_t frame, const char *reviewer);

/* The last line of this reviewer that counts and is no undo, or NULL: what an undo undoes. */
const hs_verdict_record *hs_verdicts_undoable(const hs_verdicts *v, const char *reviewer);

/* The last undo of this reviewer that counts and that no later verdict of theirs follows, or NULL:
 * what, itself undone, brings the verdict back. */
const hs_verdict_record *hs_verdicts_redoable(const hs_verdicts *v, const char *reviewer);

/* The verdict line that `record` in the end is about: itself, or what its undo undoes. */
const hs_verdict_record *hs_verdicts_target(const hs_verdicts *v, const hs_verdict_record *record);

/* Calls `each` for every frame among names that a verdict line names. */
void hs_verdicts_each(const hs_verdicts *v, const hs_verdict_record *record,
                      void (*each)(void *context, uint32_t frame), void *context);

/* The text of a list of frames, sorted here by name, neighbouring numbers joined to ranges. The
 * caller frees it. NULL where there is no memory. */
char *hs_verdicts_list(const hs_verdicts *v, uint32_t *frames, int64_t n);

#endif
