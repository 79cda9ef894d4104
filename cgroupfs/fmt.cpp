// SPDX-License-Identifier: MIT
// The code of fmt, compiled once: header-only, it adds two seconds of compile
// time to each file that formats a string. The instantiations are those that
// fmt's headers expect from a library, as in src/format.cc of versions 8.1 to
// 12.
#include <fmt/format-inl.h>

FMT_BEGIN_NAMESPACE
namespace detail {

#if FMT_VERSION < 90000
template dragonbox::decimal_fp<float> dragonbox::to_decimal(float) FMT_NOEXCEPT;
template dragonbox::decimal_fp<double> dragonbox::to_decimal(double)
    FMT_NOEXCEPT;
template int snprintf_float(double, int, float_specs, buffer<char>&);
template int snprintf_float(long double, int, float_specs, buffer<char>&);
template int format_float(double, int, float_specs, buffer<char>&);
template int format_float(long double, int, float_specs, buffer<char>&);
#else
template auto dragonbox::to_decimal(float) noexcept
    -> dragonbox::decimal_fp<float>;
template auto dragonbox::to_decimal(double) noexcept
    -> dragonbox::decimal_fp<double>;
#endif

#if FMT_VERSION < 120000
template auto locale_ref::get<std::locale>() const -> std::locale;
#endif
template auto thousands_sep_impl(locale_ref) -> thousands_sep_result<char>;
template auto decimal_point_impl(locale_ref) -> char;
template void buffer<char>::append(const char*, const char*);

#if FMT_VERSION < 100000
template void vformat_to(buffer<char>&, string_view,
                         basic_format_args<FMT_BUFFER_CONTEXT(char)>,
                         locale_ref);
#elif FMT_VERSION < 120000
template void vformat_to(buffer<char>&, string_view,
                         typename vformat_args<>::type, locale_ref);
#endif

}  // namespace detail
FMT_END_NAMESPACE
