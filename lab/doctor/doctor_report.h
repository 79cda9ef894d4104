// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "lab/doctor/doctor.h"
#include "lab/report/document.h"

namespace lab {

/// The diagnosis for people: each requirement with its state, its purpose and
/// what to do.
Document doctor_document(const Diagnosis& diagnosis);

/// The diagnosis as a JSON document, schema cglab.doctor/1.
std::string doctor_json(const Diagnosis& diagnosis);

}  // namespace lab
