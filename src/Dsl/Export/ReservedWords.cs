namespace TypedPooling.Export;

/// <summary>Words that are no names of variables in Stan, in the C++ that Stan makes, in JAGS or in R, and the names that every program
/// uses.</summary>
internal static class ReservedWords
{
    private const string OwnNames = "N i j k eta offsets origin_y scale_y";

    private const string Stan = """
        for in while repeat until if then else true false target int real complex vector simplex unit_vector ordered positive_ordered row_vector
        matrix cholesky_factor_corr cholesky_factor_cov corr_matrix cov_matrix functions model data parameters quantities transformed generated
        profile return break continue void array tuple print reject fatal_error lower upper offset multiplier lp__ get_lp var fvar
        STAN_MAJOR STAN_MINOR STAN_MATH_MAJOR STAN_MATH_MINOR
        abs acos acosh add algebra_solver append_array append_col append_row asin asinh atan atan2 atanh bernoulli bessel_first_kind
        bessel_second_kind beta_proportion binary_log_loss binomial block categorical cauchy cbrt ceil chi_square cholesky_decompose choose col cols
        columns_dot_product columns_dot_self conj cos cosh cov_exp_quad crossprod cumulative_sum determinant diag_matrix diag_post_multiply
        diag_pre_multiply diagonal digamma dims dirichlet discrete_range distance divide dot_product dot_self double_exponential e eigenvalues_sym
        eigenvectors_sym elt_divide elt_multiply erf erfc exp exp2 exp_mod_normal expm1 exponential fabs falling_factorial fdim fft floor fma fmax
        fmin fmod frechet gamma gaussian_dlm_obs gumbel head hypergeometric hypot identity_matrix inc_beta int_step integrate_1d inv inv_chi_square
        inv_cloglog inv_gamma inv_inc_beta inv_logit inv_Phi inv_sqrt inv_square inv_wishart inverse inverse_spd is_inf is_nan lambert_w0 lbeta
        lchoose ldexp lgamma linspaced_array lkj_corr lkj_corr_cholesky lmgamma lmultiply log log10 log1m log1m_exp log1m_inv_logit log1p log1p_exp
        log2 log_determinant log_diff_exp log_falling_factorial log_inv_logit log_mix log_modified_bessel_first_kind log_rising_factorial log_softmax
        log_sum_exp logical_negation logistic logit loglogistic lognormal machine_precision map_rect matrix_exp max mdivide_left mdivide_right mean
        min minus modified_bessel_first_kind modified_bessel_second_kind multi_gp multi_normal multi_student_t multinomial multiply multiply_log
        multiply_lower_tri_self_transpose neg_binomial neg_binomial_2 negative_infinity norm norm1 norm2 normal not_a_number num_elements
        ode_rk45 ones_array ordered_logistic ordered_probit owens_t pareto pareto_type_2 Phi Phi_approx pi plus poisson poisson_log polar
        positive_infinity pow prod proj qr qr_Q qr_R quad_form quad_form_diag quad_form_sym quantile rank rayleigh reduce_sum rep_array rep_matrix
        rep_row_vector rep_vector reverse rising_factorial round row rows rows_dot_product rows_dot_self scale_matrix_exp_multiply sd segment
        sin singular_values sinh size skew_double_exponential skew_normal softmax sort_asc sort_desc sort_indices_asc sort_indices_desc sqrt sqrt2
        square squared_distance std_normal step student_t sub_col sub_row subtract sum svd symmetrize_from_lower_tri tail tan tanh tcrossprod tgamma
        to_array_1d to_array_2d to_complex to_int to_matrix to_row_vector to_vector trace trace_gen_quad_form trace_quad_form transpose trigamma
        trunc uniform variance von_mises weibull wiener wishart zeros_array zeros_vector ones_vector
        """;

    private const string CPlusPlus = """
        alignas alignof and and_eq asm auto bitand bitor bool case catch char char16_t char32_t class compl const const_cast constexpr decltype
        default delete do double dynamic_cast enum explicit export extern float friend goto inline long mutable namespace new noexcept not not_eq
        nullptr operator or or_eq private protected public register reinterpret_cast short signed sizeof static static_assert static_cast struct
        switch template this thread_local throw try typedef typeid typename union unsigned using virtual volatile wchar_t xor xor_eq
        """;

    private const string JagsAndR = """
        T I dist list inprod interp.lin ilogit icloglog phi probit cloglog mexp logdet equals ifelse order rep seq length dim
        function next repeat NULL TRUE FALSE Inf NaN NA NA_integer_ NA_real_ NA_character_ Intercept
        """;

    public static IReadOnlySet<string> All { get; } =
        new[] { OwnNames, Stan, CPlusPlus, JagsAndR }
            .SelectMany(words => words.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
            .ToHashSet(StringComparer.Ordinal);
}
