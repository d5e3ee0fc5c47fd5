/* Moves a chain of points in space and has libslvs, the geometric solver of SolveSpace, bring its
   links back to their length, again and again; now and then the task has no solution. The solver
   takes its memory from a first-class heap that it destroys after each task.
   usage: solve-chain POINTS TASKS; prints the coordinates. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include "slvs.h"

enum { POINTS_MAX = 100, FIXED_GROUP = 1, MOVING_GROUP = 2 };

static const double link_length = 10.0;

static Slvs_Param params[3 * POINTS_MAX];
static Slvs_Entity points[POINTS_MAX];
static Slvs_Constraint constraints[POINTS_MAX + 1];
static Slvs_hConstraint failed[POINTS_MAX + 1];

static Slvs_hGroup group_of(int point) { return point == 0 ? FIXED_GROUP : MOVING_GROUP; }

/* Handles count from 1. */
static void make_chain(int count) {
  for (int i = 0; i < count; i++) {
    const Slvs_hParam first = (Slvs_hParam)(3 * i + 1);
    for (int axis = 0; axis < 3; axis++) {
      params[3 * i + axis] = Slvs_MakeParam(first + (Slvs_hParam)axis, group_of(i), axis + i * 5.5);
    }
    points[i] = Slvs_MakePoint3d((Slvs_hEntity)i + 1, group_of(i), first, first + 1, first + 2);
  }
  for (int i = 1; i < count; i++) {
    constraints[i - 1] =
      Slvs_MakeConstraint((Slvs_hConstraint)i, MOVING_GROUP, SLVS_C_PT_PT_DISTANCE, SLVS_FREE_IN_3D,
                          link_length, (Slvs_hEntity)i, (Slvs_hEntity)i + 1, 0, 0);
  }
}

/* The first link cannot have two lengths. */
static void add_contradiction(int count) {
  constraints[count - 1] = constraints[0];
  constraints[count - 1].h = (Slvs_hConstraint)count;
  constraints[count - 1].valA = 2 * link_length;
}

static int solve(int count, int is_contradictory) {
  Slvs_System task = {0};
  task.param = params;
  task.params = 3 * count;
  task.entity = points;
  task.entities = count;
  task.constraint = constraints;
  task.constraints = count - 1 + is_contradictory;
  task.calculateFaileds = is_contradictory;
  task.failed = failed;
  task.faileds = POINTS_MAX + 1;
  Slvs_Solve(&task, MOVING_GROUP);
  return task.result;
}

static double distance(int one, int other) {
  double sum = 0;
  for (int axis = 0; axis < 3; axis++) {
    const double way = params[3 * one + axis].val - params[3 * other + axis].val;
    sum += way * way;
  }
  return sqrt(sum);
}

static int is_solved(int count) {
  for (int i = 1; i < count; i++) {
    if (fabs(distance(i - 1, i) - link_length) > 1e-6) { return 0; }
  }
  return 1;
}

static void print_chain(int task, int count) {
  for (int i = 0; i < count; i++) {
    printf("%d %d %.6f %.6f %.6f\n", task, i, params[3 * i].val, params[3 * i + 1].val,
           params[3 * i + 2].val);
  }
}

int main(int argc, char** argv) {
  const int count = argc > 1 ? atoi(argv[1]) : 0;
  const int tasks = argc > 2 ? atoi(argv[2]) : 0;
  if (count < 2 || count > POINTS_MAX || tasks < 1) {
    fprintf(stderr, "usage: solve-chain POINTS TASKS (2 to %d points)\n", POINTS_MAX);
    return 2;
  }
  for (int task = 0; task < tasks; task++) {
    make_chain(count);
    params[task % 3].val -= 0.1 * (task % 100);
    const int is_contradictory = task % 10 == 9;
    if (is_contradictory) { add_contradiction(count); }
    const int result = solve(count, is_contradictory);
    if ((result == SLVS_RESULT_OKAY) == is_contradictory) {
      printf("task %d ends with %d\n", task, result);
      return 1;
    }
    if (!is_contradictory && !is_solved(count)) {
      printf("task %d has a link of another length\n", task);
      return 1;
    }
    print_chain(task, count);
  }
  return 0;
}
