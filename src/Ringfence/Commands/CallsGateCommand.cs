using System.CommandLine;
using System.Net;
using Ringfence.Core.Audit;
using Ringfence.Core.Configuration;
using Ringfence.Core.Dialplan;
using Ringfence.Core.Gate;
using Ringfence.Core.Numbers;
using Ringfence.Core.Pbx;
using Ringfence.Output;
using Ringfence.Sources;

namespace Ringfence.Commands;

/// <summary><c>ringfence calls gate</c>: the dialplan that asks before a call leaves, and whether a PBX has it on every way out.</summary>
internal static class CallsGateCommand
{
    public static Command Build()
    {
        var path = new Argument<string?>("path") { Description = "With --check: a directory with a PBX's files, or a tar archive of it; this machine's PBX, if none is given.", HelpName = "DIR|ARCHIVE", Arity = ArgumentArity.ZeroOrOne };
        var print = new Option<bool>("--print") { Description = "Print the dialplan, made of [calls] and [gate]." };
        var freePbx = new Option<bool>("--freepbx") { Description = "For FreePBX 17, which runs it before each call to a trunk." };
        var check = new Option<bool>("--check") { Description = "Say where calls leave without being asked about, with the line and the mend, and whether what was printed is there and up to date. Changes nothing; exit code 1 where something is to be done." };
        var version = AuditCommand.VersionOption();
        var json = SharedOptions.Json();
        var address = new Option<IPEndPoint?>("--address")
        {
            Description = "Where Asterisk asks the guard, in place of listen of [gate]: needed where that is 0.0.0.0 or ::.",
            HelpName = "ADDRESS:PORT",
            CustomParser = static result =>
            {
                if (result.Tokens is [{ Value: var text }] && IPEndPoint.TryParse(text, out var at) && at.Port > 0 && !IsAny(at))
                {
                    return at;
                }

                result.AddError("--address: expected an address and a port such as 192.0.2.7:4573");
                return null;
            },
        };
        var config = ConfigOption.Create();
        var verb = new Verb("gate", "Print the dialplan that asks the guard before a call to outside leaves, and decides by itself while nobody answers; or say where calls leave past it: docs/gate.md.")
        {
            Examples =
            [
                ("ringfence calls gate --print", "for an Asterisk whose dialplan one writes oneself"),
                ("ringfence calls gate --print --freepbx", "for extensions_custom.conf of FreePBX"),
                ("ringfence calls gate --print --address 192.0.2.7:4573", "for a PBX on another machine than the guard, which listens on all its addresses"),
                ("ringfence calls gate --check", "every way out of this machine's PBX on which nobody asks"),
                ("ringfence calls gate --check pbx7.tar.gz --asterisk 18", "of a copy, for that version of Asterisk"),
            ],
        };
        verb.Add(path);
        verb.Add(print);
        verb.Add(freePbx);
        verb.Add(address);
        verb.Add(check);
        verb.Add(version);
        verb.Add(json);
        verb.Add(config);
        verb.Checks(result =>
        {
            if (result.GetValue(print) == result.GetValue(check))
            {
                result.AddError("expected --print or --check");
            }
            else if (result.GetValue(print) && (result.GetValue(path) is not null || result.GetValue(json)))
            {
                result.AddError("--print takes no DIR and no --json: these are for --check");
            }
        });
        return verb.Does(async (parsed, surroundings, stop) =>
        {
            var settings = parsed.GetValue(check) ? surroundings.ReadConfigToAsk(parsed.GetValue(config)) : surroundings.ReadConfig(parsed.GetValue(config));
            return parsed.GetValue(check)
                ? await CheckAsync(parsed.GetValue(path), AuditCommand.Version(parsed.GetValue(version)), settings, parsed.GetValue(address), parsed.GetValue(freePbx), parsed.GetValue(json), surroundings, stop)
                : Print(settings, parsed.GetValue(address), parsed.GetValue(freePbx), surroundings);
        });
    }

    private static int Print(RingfenceConfig settings, IPEndPoint? address, bool isFreePbx, Surroundings surroundings)
    {
        if (settings.Calls.Rules is not null && ListensAnywhere(settings, address))
        {
            throw new MistakeException($"listen = {settings.Gate.Listen} of [gate] is no address that Asterisk can ask: expected --address ADDRESS:{settings.Gate.Listen!.Port} too, the guard's own as the PBX reaches it (127.0.0.1 on the same machine)");
        }

        var text = Text(settings, address, isFreePbx) ?? throw new MistakeException("the site's country is not known: set country = CODE in [calls] of ringfence.conf, and outside where people dial a digit for an outside line");
        var screen = new Screen(surroundings);
        foreach (var line in text.TrimEnd().Split('\n'))
        {
            screen.Verbatim(line);
        }

        if (settings.Gate.Listen is null)
        {
            screen.Note("ringfence: [gate] has no listen: nobody answers until listen = 127.0.0.1:4573 is there and the guard has been restarted");
        }

        if (settings.Calls.Rules is { Home.CallingCode: 1, AreaCode.Length: 0 })
        {
            screen.Note("ringfence: [calls] has no area: if people dial local numbers by seven digits, those are no numbers of anybody, and do not leave while the gate does not answer; set area = 415 (yours) and print it again");
        }

        return ExitCode.Fine;
    }

    private static async Task<int> CheckAsync(string? copy, AsteriskVersion? version, RingfenceConfig settings, IPEndPoint? address, bool isFreePbx, bool asJson, Surroundings surroundings, CancellationToken stop)
    {
        var pbx = copy is null ? await AuditedPbx.OfMachineAsync(settings.AsteriskDirectory, version, surroundings.Clock, stop) : AuditedPbx.OfCopy(copy, version);
        var screen = new Screen(surroundings);
        foreach (var problem in pbx.Files.Problems)
        {
            screen.Note($"ringfence: not read: {problem}");
        }

        isFreePbx |= PastGate.IsFreePbx(pbx);
        var printed = ListensAnywhere(settings, address) ? null : Text(settings, address, isFreePbx);
        if (printed is null)
        {
            screen.Note((settings.Calls.Rules is null ? "ringfence: the site's country is not known (country = CODE in [calls])" : $"ringfence: listen = {settings.Gate.Listen} of [gate] does not say where Asterisk asks (--address ADDRESS:PORT does)") + ": what is in the dialplan is not compared with what would be printed now");
        }

        // No walk asks whether it may go on.
        var emergency = settings.Calls.Rules is { } rules ? GateDialplan.EmergencyNumbers(settings.Gate, rules) : [];
        var ways = await Task.Run(
            () => settings.Calls.Rules is { } dialled ? GateWays.Of(pbx, emergency, (asked, called) => GateDialplan.IsSame(asked, called, dialled, NumberPlans.BuiltIn), dialled.IsInside) : GateWays.Of(pbx, emergency), stop).WaitAsync(stop);
        var report = CallsGateReport.From(ways, GateSetup.Problems(pbx, printed, $"ringfence calls gate --print{(isFreePbx ? " --freepbx" : "")}{(address is null ? "" : $" --address {address}")}"), pbx);
        if (asJson)
        {
            screen.Json(report, CallsGateJson.Default.CallsGateReport);
        }
        else
        {
            report.Print(screen);
        }

        return report.IsFound ? ExitCode.Found : ExitCode.Fine;
    }

    private static bool ListensAnywhere(RingfenceConfig settings, IPEndPoint? address) => address is null && settings.Gate.Listen is { } listen && IsAny(listen);

    private static bool IsAny(IPEndPoint at) => at.Address.Equals(IPAddress.Any) || at.Address.Equals(IPAddress.IPv6Any);

    private static string? Text(RingfenceConfig settings, IPEndPoint? address, bool isFreePbx)
    {
        var listen = address ?? settings.Gate.Listen ?? new IPEndPoint(IPAddress.Loopback, GateSettings.DefaultPort);
        return settings.Calls.Rules is { } rules ? GateDialplan.Text(settings.Gate, listen.ToString(), rules, NumberPlans.BuiltIn, isFreePbx) : null;
    }
}
