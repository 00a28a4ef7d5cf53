using Ringfence.Calls;
using Ringfence.Core.Configuration;
using Ringfence.Core.Gate;
using Ringfence.Core.Notices;
using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;
using Ringfence.Gate;
using Ringfence.Notifiers;
using Ringfence.Output;
using Ringfence.Sources;

namespace Ringfence.Daemon;

/// <summary>The daemon's parts that follow calls: there are some where [calls] names the country.</summary>
internal static partial class CallParts
{
    /// <returns>null: the site's country is not known.</returns>
    public static CallDesk? Add(Supervisor supervisor, RingfenceConfig config, bool enforces, string stateDirectory, TimeZoneInfo zone, Notices notices, Announcer announcer, TimeProvider clock, ILogger log)
    {
        if (config.Calls.Rules is not { } rules)
        {
            return null;
        }

        var trunks = new KnownTrunks(config.AsteriskDirectory, clock);
        var home = rules.Home.Region;

        // A carrier's list that is being replaced is no reason to leave the machine without its guard.
        var (deck, deckProblem) = DeckFile.Try(config.Calls.Deck);
        var (listed, listProblem) = NumberFiles.Try(config.Calls.Listed);
        var problem = deckProblem is null || listProblem is null ? deckProblem ?? listProblem : $"{deckProblem}; {listProblem}";
        if (problem is not null)
        {
            LogFiles(log, problem);
        }

        var deckDoubt = config.Calls.DoubtEuro(deck, home);
        if (deckDoubt is not null)
        {
            LogDeck(log, deckDoubt);
        }

        var site = new CallSite(config.Calls.Policy(zone, listed, home), rules, config.Calls.Tariff(deck, home), trunks.IsTrunk, config.Calls.Currency);
        var stops = new StopFile(Path.Combine(stateDirectory, "call-stops.json"), clock, log);
        var desk = new CallDesk(site, enforces, stops, Tell, clock, log, config.Gate.Listen is not null) { Sight = { HasManager = config.Ami.User is not null, SiteProblem = problem, DeckDoubt = deckDoubt } };
        supervisor.Add("calls", desk.RunAsync);
        supervisor.Add("stops of calls", stops.RunAsync);
        supervisor.Add("records of calls", new CallMemory(config.Calls, site, zone, desk, clock, log).RunAsync);
        supervisor.Add("trunks of calls", trunks.RunAsync);
        if (config.Gate.Listen is not null)
        {
            // Whoever only looks on stops nobody, also not for want of a PIN.
            var gate = enforces ? config.Gate : config.Gate with { Pins = GatePin.None };
            var server = new GateServer(gate, desk, rules, site.Tariff, new Pins(config.Gate.PinFile), clock, log);
            desk.Sight.Gate = server;
            supervisor.Add("gate", server.RunAsync);
        }

        if (config.Ami.User is not null)
        {
            supervisor.Add("ami calls", new AmiCalls(config.Ami, desk, clock).RunAsync);
        }

        if (config.Calls.DailyReport is not null)
        {
            supervisor.Add("report of calls", new CallDayReport(config.Calls, zone, notice => Tell(notice, notice.Headline), clock).RunAsync);
        }

        return desk;

        void Tell(Notice notice, string line)
        {
            notices.Post(notice);
            announcer.Post(new Span(line, notice.Severity == Severity.Critical ? Tone.Bad : Tone.Warning));
        }
    }

    [LoggerMessage(2953, LogLevel.Warning, "{Doubt}")]
    private static partial void LogDeck(ILogger log, string doubt);

    [LoggerMessage(2948, LogLevel.Error, "{Problem}")]
    private static partial void LogFiles(ILogger log, string problem);

    /// <summary>What the configuration says of endpoints, read again now and then: somebody adds a trunk, and nobody restarts the guard for it.</summary>
    private sealed class KnownTrunks(string directory, TimeProvider clock)
    {
        private static readonly TimeSpan ReadEvery = TimeSpan.FromMinutes(1);

        private volatile TrunkEndpoints _known = TrunkEndpoints.Read(directory, new ConfigDirectory());

        public bool? IsTrunk(string endpoint) => _known.IsTrunk(endpoint);

        public async Task RunAsync(CancellationToken stop)
        {
            using var timer = new PeriodicTimer(ReadEvery, clock);
            while (await timer.WaitForNextTickAsync(stop))
            {
                _known = TrunkEndpoints.Read(directory, new ConfigDirectory());
            }
        }
    }
}
