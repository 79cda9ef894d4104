# SPDX-License-Identifier: MIT
# Targets for a course's Makefile, which needs one line:
#
#   include PATH/scripts/cglab.mk        (from a checkout)
#   include /usr/share/cglab/cglab.mk    (installed)
#
# The course keeps its own default goal. These variables may be set, on the
# command line or before the include:
#
#   LIMIT              of `make oom` (100M)
#   GROUP, GROUP_LIMIT the cgroup of the exercise and its limit (the course's)
#   GRADE_FORMAT       of `make grade`: autolab, tap, junit, json, text
#   CGLAB_OPTIONS      for the command, as in CGLAB_OPTIONS='--lang zh'
#   CGLAB_VM_OPTIONS   for the VM of `make vm-oom`, as in '--cgroup v1'
#   CGLAB, CGLAB_VM    the programs, if they are not found

cglab_folder := $(patsubst %/,%,$(dir $(lastword $(MAKEFILE_LIST))))

CGLAB ?= $(firstword $(wildcard $(cglab_folder)/cglab \
	$(cglab_folder)/../../bin/cglab) cglab)
CGLAB_VM ?= $(firstword $(wildcard $(cglab_folder)/vm \
	$(cglab_folder)/../../libexec/cglab/scripts/vm) cglab-vm-is-missing)
LIMIT ?= 100M
GROUP ?= memorydemo
GROUP_LIMIT ?= 104960000
GRADE_FORMAT ?= autolab
CGLAB_OPTIONS ?=
CGLAB_VM_OPTIONS ?=

cglab_assignment = --group '$(GROUP)' --limit '$(GROUP_LIMIT)'

.PHONY: exercise oom check grade clean-lab vm-oom

# The exercise for this host.
exercise:
	@$(CGLAB) exercise $(cglab_assignment) $(CGLAB_OPTIONS)

# The whole experiment, done by the lab.
oom:
	@$(CGLAB) oom --limit '$(LIMIT)' $(CGLAB_OPTIONS)

# Grades the work done by hand, for the student. 77: the machine is at fault.
check:
	@$(CGLAB) check $(cglab_assignment) $(CGLAB_OPTIONS) || [ $$? -eq 77 ]

# The same for a grader. Lost points are a valid grade.
grade:
	@$(CGLAB) check $(cglab_assignment) --format '$(GRADE_FORMAT)' \
		$(CGLAB_OPTIONS) || case $$? in 1|77) ;; *) exit 3 ;; esac

# Removes the exercise's cgroup, if nothing runs in it, and leftovers of killed
# runs.
clean-lab:
	@$(CGLAB) clean --group '$(GROUP)'

# The experiment in a disposable VM. The VM gets the programs of the build;
# installed ones are copied to a folder for it.
vm-oom:
	@if [ -d '$(cglab_folder)/../lab' ]; then \
		exec '$(CGLAB_VM)' $(CGLAB_VM_OPTIONS) -- \
			cglab oom --limit '$(LIMIT)' $(CGLAB_OPTIONS); \
	fi; \
	folder=$$(mktemp -d) && trap 'rm -rf "$$folder"' EXIT && \
	program=$$(command -v '$(CGLAB)') && \
	cp "$$program" "$${program%/*}/malloc_demo" "$$folder" && \
	'$(CGLAB_VM)' --build "$$folder" $(CGLAB_VM_OPTIONS) -- \
		cglab oom --limit '$(LIMIT)' $(CGLAB_OPTIONS)
