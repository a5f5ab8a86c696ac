#include "review/thumbs.h"

#include "base/memory.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { AHEAD = 512, THREADS = 16, REQUESTS = 4, NONE = UINT32_MAX };

typedef enum slot_state { EMPTY, WANTED, BEING_MADE, READY } slot_state;

typedef struct slot {
    uint32_t item;
    slot_state state;
    int pins; /* requests that wait for it or copy from it */
    uint64_t used;
} slot;

struct hs_thumbs {
    hs_thumbs_config config;
    pthread_mutex_t lock;
    pthread_cond_t work, done; /* something to make; something made, or let go */
    pthread_t threads[THREADS];
    int started;
    bool ending;
    slot *slots;
    uint32_t *slot_of; /* [items], NONE where an item has none */
    uint8_t *pixels;   /* [slots][views][height][width][3] */
    uint64_t clock;
    uint32_t ahead[AHEAD];
    int ahead_count, ahead_next;
    int requests; /* being answered: few enough that all of them find slots */
};

static hs_picture picture_of(const hs_thumbs *t, uint32_t s, int view)
{
    size_t size = 3 * (size_t)t->config.width * (size_t)t->config.height;
    size_t index = (size_t)s * (size_t)t->config.views + (size_t)view;
    return (hs_picture){t->config.width, t->config.height, t->pixels + index * size};
}

/* A slot for the item, the one it has or the least recently used that nobody holds; NONE where
 * everybody holds one. */
static uint32_t take_slot(hs_thumbs *t, uint32_t item, slot_state state)
{
    uint32_t best = t->slot_of[item];
    if (best == NONE) {
        for (uint32_t s = 0; s < (uint32_t)t->config.slots; s++) {
            const slot *now = &t->slots[s];
            bool free = now->pins == 0 && (now->state == EMPTY || now->state == READY);
            if (free && (best == NONE || now->used < t->slots[best].used))
                best = s;
        }
        if (best == NONE)
            return NONE;
        if (t->slots[best].state == READY)
            t->slot_of[t->slots[best].item] = NONE;
        t->slots[best] = (slot){.item = item, .state = state};
        t->slot_of[item] = best;
    }
    t->slots[best].used = ++t->clock;
    return best;
}

/* What is waited for comes first, in the order it was asked for; then what may be asked for next.
 * NONE where there is nothing. */
static uint32_t next_work(hs_thumbs *t)
{
    uint32_t first = NONE;
    for (uint32_t s = 0; s < (uint32_t)t->config.slots; s++)
        if (t->slots[s].state == WANTED &&
            (first == NONE || t->slots[s].used < t->slots[first].used))
            first = s;
    while (first == NONE && t->ahead_next < t->ahead_count) {
        uint32_t item = t->ahead[t->ahead_next++];
        if (t->slot_of[item] == NONE)
            first = take_slot(t, item, WANTED);
    }
    return first;
}

static void *work(void *context)
{
    hs_thumbs *t = context;
    pthread_mutex_lock(&t->lock);
    while (!t->ending) {
        uint32_t s = next_work(t);
        if (s == NONE) {
            pthread_cond_wait(&t->work, &t->lock);
            continue;
        }
        hs_picture views[HS_VIEWS];
        for (int v = 0; v < t->config.views; v++)
            views[v] = picture_of(t, s, v);
        t->slots[s].state = BEING_MADE;
        pthread_mutex_unlock(&t->lock);
        t->config.make(t->config.context, t->slots[s].item, views);
        pthread_mutex_lock(&t->lock);
        t->slots[s].state = READY;
        pthread_cond_broadcast(&t->done);
    }
    pthread_mutex_unlock(&t->lock);
    return NULL;
}

hs_status hs_thumbs_start(const hs_thumbs_config *config, hs_thumbs **thumbs)
{
    size_t picture = 3 * (size_t)config->width * (size_t)config->height;
    void *memory = NULL;
    hs_thumbs *t = NULL;
    hs_status status;
    *thumbs = NULL;
    HS_TRY(hs_allocate(sizeof *t, "small pictures", &memory));
    t = memory;
    t->config = *config;
    pthread_mutex_init(&t->lock, NULL);
    pthread_cond_init(&t->work, NULL);
    pthread_cond_init(&t->done, NULL);
    HS_TRY(hs_allocate((size_t)config->slots * sizeof *t->slots, "small pictures", &memory));
    t->slots = memory;
    HS_TRY(hs_allocate((size_t)config->items * sizeof *t->slot_of, "small pictures", &memory));
    t->slot_of = memory;
    memset(t->slot_of, 0xff, (size_t)config->items * sizeof *t->slot_of);
    /* Not hs_allocate, which clears: pages that are never used are never had. */
    t->pixels = malloc((size_t)config->slots * (size_t)config->views * picture);
    if (!t->pixels)
        HS_TRY(hs_error(HS_ERR_MEMORY, NULL, "no memory for small pictures"));
    for (int i = 0; i < config->threads && i < THREADS; i++) {
        int err = pthread_create(&t->threads[i], NULL, work, t);
        if (err)
            HS_TRY(hs_error_system(err, NULL, "cannot start a thread"));
        t->started++;
    }
    *thumbs = t;
    t = NULL;
exit:
    hs_thumbs_stop(t);
    return status;
}

void hs_thumbs_stop(hs_thumbs *t)
{
    if (!t)
        return;
    pthread_mutex_lock(&t->lock);
    t->ending = true;
    pthread_cond_broadcast(&t->work);
    pthread_mutex_unlock(&t->lock);
    for (int i = 0; i < t->started; i++)
        pthread_join(t->threads[i], NULL);
    pthread_cond_destroy(&t->work);
    pthread_cond_destroy(&t->done);
    pthread_mutex_destroy(&t->lock);
    free(t->slots);
    free(t->slot_of);
    free(t->pixels);
    free(t);
}

int hs_thumbs_height(const hs_thumbs *t)
{
    return t->config.height;
}

void hs_thumbs_paste(hs_thumbs *t, const uint32_t *items, int n, int view, int columns,
                     hs_picture *sheet)
{
    pthread_mutex_lock(&t->lock);
    while (t->requests == REQUESTS)
        pthread_cond_wait(&t->done, &t->lock);
    t->requests++;
    for (int i = 0; i < n; i++) {
        uint32_t s;
        while ((s = take_slot(t, items[i], WANTED)) == NONE)
            pthread_cond_wait(&t->done, &t->lock);
        t->slots[s].pins++;
    }
    pthread_cond_broadcast(&t->work);
    for (int i = 0; i < n; i++) {
        uint32_t s = t->slot_of[items[i]];
        while (t->slots[s].state != READY)
            pthread_cond_wait(&t->done, &t->lock);
        hs_picture picture = picture_of(t, s, view);
        pthread_mutex_unlock(&t->lock);
        hs_picture_paste(sheet, i % columns * picture.width, i / columns * picture.height,
                         &picture);
        pthread_mutex_lock(&t->lock);
        t->slots[s].pins--;
    }
    t->requests--;
    pthread_cond_broadcast(&t->done);
    pthread_mutex_unlock(&t->lock);
}

void hs_thumbs_ahead(hs_thumbs *t, const uint32_t *items, int n)
{
    pthread_mutex_lock(&t->lock);
    t->ahead_count = n < AHEAD ? n : AHEAD;
    t->ahead_next = 0;
    memcpy(t->ahead, items, (size_t)t->ahead_count * sizeof *items);
    pthread_cond_broadcast(&t->work);
    pthread_mutex_unlock(&t->lock);
}
