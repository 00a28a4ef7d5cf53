using Microsoft.Extensions.Logging.Abstractions;
using Ringfence.Api;
using Ringfence.Commands;
using Ringfence.Core.Configuration;
using Ringfence.Core.Decisions;
using Ringfence.Core.Events;
using Ringfence.Daemon;
using Ringfence.Enforcement;
using Ringfence.Journal;
using Ringfence.Output;
using Ringfence.Sources;
using Xunit;

namespace Ringfence.SystemTests.Firewall;

/// <summary>What the operator talks to, with everything behind it but logs: pipeline, journal and a firewall of the caller's choice.</summary>
internal sealed class OperatorsDesk : IAsyncDisposable
{
    private readonly Pipeline _pipeline;
    private readonly SqliteJournal _journal;

    public OperatorsDesk(IFirewall firewall, string directory)
    {
        var config = new RingfenceConfig { AsteriskDirectory = directory, Trust = new TrustSettings { Contacts = false, SshPeers = false } };
        var clock = TimeProvider.System;
        _journal = SqliteJournal.Open(Path.Combine(directory, "ringfence.db"), clock, NullLogger.Instance);
        _pipeline = new Pipeline(
            config,
            TimeZoneInfo.Utc,
            managerOverHttp: false,
            ledgerKey: 0,
            SourceBatch.NewChannel().Reader,
            _journal,
            firewall,
            new Announcer(new Screen(Surroundings.OfProcess())),
            clock,
            NullLogger<Pipeline>.Instance);
        var byHand = new OperatorTrust(Path.Combine(directory, "trust.json"), clock, NullLogger<OperatorTrust>.Instance);
        var keeper = new TrustKeeper(
            config,
            _pipeline,
            byHand,
            new DnsNames([], clock, NullLogger<DnsNames>.Instance),
            new AsteriskCli("asterisk", directory, clock),
            clock,
            NullLogger<TrustKeeper>.Instance);
        Desk = new Desk(_pipeline, _journal, firewall, byHand, keeper, () => [], () => [], clock);
    }

    public Desk Desk { get; }

    public Pipeline Pipeline => _pipeline;

    public async Task StartAsync() => await _pipeline.RestoreAsync(TrustList.Empty, TestContext.Current.CancellationToken);

    public async Task<ChangeReport> BanAsync(string subject, bool force = false, TimeSpan? time = null) => await Desk.BanAsync(
        new BanRequest(Wall.Subject(subject), time ?? TimeSpan.FromHours(1), "test", force, DryRun: false), TestContext.Current.CancellationToken);

    public async Task<ChangeReport> UnbanAsync(string subject) =>
        await Desk.UnbanAsync(Network.Parse(subject)!.Value, dryRun: false, TestContext.Current.CancellationToken);

    public async Task<ChangeReport> TrustAsync(string subject) => await Desk.TrustAsync(
        new TrustRequest(Network.Parse(subject)!.Value, null, "test", DryRun: false), TestContext.Current.CancellationToken);

    /// <summary>"subject state", in order.</summary>
    public async Task<IReadOnlyList<string>> BansAsync() =>
        [.. (await Desk.BansAsync(TestContext.Current.CancellationToken)).Bans.Select(ban => $"{ban.Subject} {ban.State}").Order(StringComparer.Ordinal)];

    public async Task<StatusReport> StatusAsync() => await Desk.StatusAsync(TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        _pipeline.Dispose();
        await _journal.DisposeAsync();
    }
}
