/* Everything of the public C API. */
#ifndef DISSENSUS_H
#define DISSENSUS_H

#include "dissensus/status.h"
#include "dissensus/study.h"
#include "dissensus/import.h"
#include "dissensus/plan.h"
#include "dissensus/batch.h"
#include "dissensus/results.h"
#include "dissensus/devices.h"
#include "dissensus/pairs.h"
#include "dissensus/explain.h"
#include "dissensus/report.h"
#include "dissensus/evaluation.h"
#include "dissensus/severity.h"
#include "dissensus/response.h"
#include "dissensus/classify.h"
#include "dissensus/steer.h"
#include "dissensus/figures.h"
#include "dissensus/simulate.h"
#include "dissensus/power.h"
#include "dissensus/pool.h"
#include "dissensus/selftest.h"

#endif
