using Microsoft.Extensions.Logging.Abstractions;
using Ringfence.Api;
using Ringfence.Core.Events;
using Ringfence.Daemon;
using Xunit;

namespace Ringfence.Tests.Daemon;

public sealed class OperatorTrustTests : IDisposable
{
    private static readonly Network Office = Network.Parse("203.0.113.0/24")!.Value;
    private static readonly Network Home = Network.Parse("198.51.100.7")!.Value;

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("rf-trust-");
    private readonly Journal.ManualTime _time = new(new DateTimeOffset(2026, 7, 1, 12, 0, 0, TimeSpan.Zero));

    private string TrustPath => Path.Combine(_directory.FullName, "trust.json");

    public void Dispose() => _directory.Delete(recursive: true);

    [Theory]
    [InlineData("[{\"subject\":\"203.0.113.0/24\",\"sou")]
    [InlineData("\0\0\0\0")]
    [InlineData("")]
    [InlineData("[{\"subject\":\"nonsense\"}]")]
    public void What_the_operator_said_is_kept_aside_when_it_is_damaged_and_said(string damaged)
    {
        File.WriteAllText(TrustPath, damaged);

        var trust = New();
        trust.Set(new TrustReport(Home, "operator", "home", null));

        Assert.Equal(damaged, File.ReadAllText($"{TrustPath}.damaged-20260701T120000Z"));
        Assert.Contains("trust.json.damaged-20260701T120000Z", trust.Problem, StringComparison.Ordinal);
        trust.Set(new TrustReport(Office, "operator", "office", null));
        Assert.Equal([Home, Office], New().Entries.Select(entry => entry.Subject));
        Assert.Null(New().Problem);
    }

    [Fact]
    public void What_can_not_be_read_is_not_overwritten_and_is_taken_up_when_it_can_be()
    {
        New().Set(new TrustReport(Office, "operator", "office", null));
        File.Move(TrustPath, $"{TrustPath}.away");
        File.CreateSymbolicLink(TrustPath, TrustPath);

        var trust = New();
        var refused = Assert.Throws<IOException>(() => trust.Set(new TrustReport(Home, "operator", "home", null)));
        File.Delete(TrustPath);
        File.Move($"{TrustPath}.away", TrustPath);
        trust.Set(new TrustReport(Home, "operator", "home", null));

        Assert.Contains("nothing was changed", refused.Message, StringComparison.Ordinal);
        Assert.Equal([Office, Home], New().Entries.Select(entry => entry.Subject));
        Assert.Null(trust.Problem);
    }

    private OperatorTrust New() => new(TrustPath, _time, NullLogger<OperatorTrust>.Instance);
}
