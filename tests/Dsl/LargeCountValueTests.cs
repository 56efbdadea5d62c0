using Xunit;

namespace TypedPooling.Tests.Dsl;

/// <summary>The value of the log likelihood of counts of 1e7 to 1e9, whose parts are of the order of 1e10: closed forms in 40 digits (mpmath), to
/// 1e-9.</summary>
public sealed class LargeCountValueTests
{
    [Fact]
    public void Poisson_counts()
    {
        Row[] rows =
        [
            new(38218177, 1, 0.22432054702698137), new(
                36923402, 1, 0.19033568481085775), new(40369829, 1, 0.2794499620103743), new(33614136, 1, 0.0962644126711097),
            new(18120698, 1, -0.5214795283255955), new(
                20934466, 1, -0.3774816766595175), new(19490064, 1, -0.4492700712616184), new(16426533, 1, -0.6198016575801834),
            new(25478959, 1, -0.1809017788553578), new(33235245, 1, 0.08500999560133825), new(24723670, 1, -0.21035267841257752),
        ];
        Check(
            -113.71158924248711,
            PooledModel.Of<Row>().Poisson(row => row.Events).Intercept().Offset(row => row.Offset).Fit(rows, Engine.MaximumLikelihood));
    }

    [Fact]
    public void Poisson_counts_of_other_exposures_in_one_cell() => Check(
        -42.032430041000600,
        PooledModel.Of<Row>().Poisson(row => row.Events, row => row.Size).Intercept().Fit(
            [new(900000123, 2, 0), new(449990001, 1, 0), new(1350203333, 3, 0)], Engine.MaximumLikelihood));

    [Fact]
    public void Proportions_in_one_cell()
    {
        Row[] rows = [new(300000123, 1e9, 0), new(299990001, 1e9, 0), new(150003333, 5e8, 0)];
        var model = PooledModel.Of<Row>().Binomial(row => row.Events, row => row.Size).Intercept();
        Check(-31.404378182788904, model.Fit(rows, Engine.MaximumLikelihood));

        // In parts, and turned round.
        Check(-31.404378182788904, model.Fit(model.Read(rows[..1]).Merge(model.Read(rows[1..])), Engine.MaximumLikelihood));
        Check(-31.404378182788904, model.Fit(rows.Select(row => row with { Events = row.Size - row.Events }), Engine.MaximumLikelihood));
    }

    [Fact]
    public void Counts_with_a_shape()
    {
        double[] counts = [855481699, 319801784, 856217443, 255923317, 373033365, 371501425, 320946080, 370380164];
        Check(
            -163.91876842073685,
            PooledModel.Of<Row>().NegativeBinomial(row => row.Events).Intercept().Fit(
                counts.Select(count => new Row(count, 1, 0)), Engine.MaximumLikelihood));
    }

    private static void Check(double value, ILikelihoodFit fit)
    {
        Assert.True(fit.Likelihood.IsConverged);
        Assert.Equal(value, fit.Likelihood.LogLikelihood, 1e-9);
    }

    private sealed record Row(double Events, double Size, double Offset);
}
