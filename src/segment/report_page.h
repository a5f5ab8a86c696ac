/* A report's runs as the page wants them. */
#ifndef HS_SEGMENT_REPORT_PAGE_H
#define HS_SEGMENT_REPORT_PAGE_H

#include "report/page.h"
#include "segment/report_run.h"

/* Fills in what the page says of a run; everything else it borrows from the run and `arena`. The
 * bytes of the pictures are freed with hs_report_page_run_free, after failure too. */
hs_status hs_report_page_run(const hs_report_run *run, const hs_report_request *request,
                             const char *frames_file, hs_arena *arena, hs_page_run *page);
void hs_report_page_run_free(hs_page_run *page);

/* What two evaluated runs say of each other; its strings live in `arena`. HS_ERR_MEMORY. */
hs_status hs_report_page_pair(const hs_report_run *a, const hs_report_run *b,
                              const hs_report_request *request, double level, hs_arena *arena,
                              hs_page_pair *pair);

/* The program and the machine. */
void hs_report_page_facts(const hs_report_request *request, hs_arena *arena, hs_page *page);

#endif
