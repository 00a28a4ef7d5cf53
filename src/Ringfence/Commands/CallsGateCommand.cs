using System.CommandLine;
using Ringfence.Core.Configuration;
using Ringfence.Core.Gate;
using Ringfence.Core.Numbers;
using Ringfence.Output;

namespace Ringfence.Commands;

/// <summary><c>ringfence calls gate</c>: the dialplan that asks before a call leaves.</summary>
internal static class CallsGateCommand
{
    public static Command Build()
    {
        var print = new Option<bool>("--print") { Description = "Print the dialplan, made of [calls] and [gate]." };
        var freePbx = new Option<bool>("--freepbx") { Description = "For FreePBX 17, which runs it before each call to a trunk." };
        var config = ConfigOption.Create();
        var verb = new Verb("gate", "Print the dialplan that asks the guard before a call to outside leaves, and decides by itself while nobody answers: docs/gate.md.")
        {
            Examples =
            [
                ("ringfence calls gate --print", "for an Asterisk whose dialplan one writes oneself"),
                ("ringfence calls gate --print --freepbx", "for extensions_custom.conf of FreePBX"),
            ],
        };
        verb.Add(print);
        verb.Add(freePbx);
        verb.Add(config);
        verb.Validators.Add(result =>
        {
            if (!result.GetValue(print))
            {
                result.AddError("expected --print");
            }
        });
        return verb.Does((parsed, surroundings, _) =>
        {
            var read = surroundings.ReadConfig(parsed.GetValue(config));
            var rules = read.Calls.Rules
                ?? throw new MistakeException("the site's country is not known: set country = CODE in [calls] of ringfence.conf, and outside where people dial a digit for an outside line");
            var listen = read.Gate.Listen ?? new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, GateSettings.DefaultPort);
            var screen = new Screen(surroundings);
            foreach (var line in GateDialplan.Text(read.Gate, listen.ToString(), rules, NumberPlans.BuiltIn, parsed.GetValue(freePbx)).TrimEnd().Split('\n'))
            {
                screen.Verbatim(line);
            }

            if (read.Gate.Listen is null)
            {
                screen.Note("ringfence: [gate] has no listen: nobody answers until listen = 127.0.0.1:4573 is there and the guard has been restarted");
            }

            return Task.FromResult(ExitCode.Fine);
        });
    }
}
