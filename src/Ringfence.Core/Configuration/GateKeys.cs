using System.Net;
using Ringfence.Core.Events;
using Ringfence.Core.Gate;

namespace Ringfence.Core.Configuration;

/// <summary>The keys of [gate].</summary>
internal static class GateKeys
{
    public const string Section = "gate";

    public const string Meaning = "Asks about each call to outside before it leaves, by FastAGI and a dialplan that `ringfence calls gate --print` writes. There is none unless listen is given; docs/gate.md.";

    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    public static IReadOnlyList<ConfigKey> All { get; } =
    [
        new()
        {
            Section = Section, Name = "listen", Type = "ADDRESS:PORT", Default = "there is no gate", IsUnset = true, Example = "127.0.0.1:4573",
            Meaning = "Where Asterisk asks. AGI has no password: on another address than loopback allow has to say who may. country of [calls] has to be set.",
            Set = ConfigKeys.One(static (config, value) => IPEndPoint.TryParse(value, out var listen) && listen.Port > 0 && value.Contains(':', StringComparison.Ordinal)
                ? With(config, gate => gate with { Listen = listen })
                : ConfigKeys.Expect("an address and a port such as 127.0.0.1:4573")),
        },
        new()
        {
            Section = Section, Name = "allow", Type = "address or network", Default = "this machine", IsUnset = true, Example = "192.168.10.5",
            Meaning = "Another PBX that may ask.",
            IsList = true,
            Set = ConfigKeys.Each(static value => Network.Parse(value) is null ? "an address or a network such as 192.168.10.5 or 192.168.10.0/24" : null,
                static (config, values) => With(config, gate => gate with { Allow = [.. values.Select(static value => Network.Parse(value)!.Value)] }).Config!),
        },
        new()
        {
            Section = Section, Name = "fail", Type = "domestic, open or closed", Default = "domestic", Example = "closed",
            Meaning = "What becomes of calls while nobody answers here. domestic: those in the site's own country leave, but not to premium and personal numbers, and none to other countries. Emergency calls always leave. It is written into the dialplan: print that again.",
            Set = ConfigKeys.One(static (config, value) => Named<GateFail>(value) is { } fail ? With(config, gate => gate with { Fail = fail }) : ConfigKeys.Expect("domestic, open or closed")),
        },
        new()
        {
            Section = Section, Name = "timeout", Type = "duration, 1s to 10s", Default = "2s", Example = "1s",
            Meaning = "How long the dialplan waits for an answer. It is written into the dialplan: print that again.",
            Set = ConfigKeys.Time(Second, 10 * Second, static (config, value) => With(config, gate => gate with { Timeout = value }).Config!),
        },
        new()
        {
            Section = Section, Name = "pins", Type = "none, risky, abroad or all", Default = "none", Example = "abroad",
            Meaning = "For which calls the caller is asked for his PIN (`ringfence calls pin set EXTENSION`): to what costs most, also to all other countries, or all to outside. Who has no PIN can't make them.",
            Set = ConfigKeys.One(static (config, value) => Named<GatePin>(value) is { } pins ? With(config, gate => gate with { Pins = pins }) : ConfigKeys.Expect("none, risky, abroad or all")),
        },
        new()
        {
            Section = Section, Name = "pin_file", Type = "path", Default = "/var/lib/ringfence/pins", Example = "/var/lib/ringfence/pins",
            Meaning = "Where the PINs are, hashed.",
            Set = ConfigKeys.Path(static (config, path) => With(config, gate => gate with { PinFile = path }).Config!),
        },
        new()
        {
            Section = Section, Name = "pin_prompt", Type = "name of a sound", Default = "agent-pass", Example = "custom/your-pin",
            Meaning = "What asks for the PIN, without the file's ending: \"please enter your password\".",
            Set = ConfigKeys.One(static (config, value) => IsSound(value) ? With(config, gate => gate with { PinPrompt = value }) : ConfigKeys.Expect("the name of a sound such as agent-pass, without its ending")),
        },
        new()
        {
            Section = Section, Name = "announce", Type = "name of a sound", Default = "none: the phone shows the refusal", IsUnset = true, Example = "ss-noservice",
            Meaning = "What a caller hears whose call does not leave, before it ends. It is written into the dialplan: print that again.",
            Set = ConfigKeys.One(static (config, value) => IsSound(value) ? With(config, gate => gate with { Announce = value }) : ConfigKeys.Expect("the name of a sound such as ss-noservice, without its ending")),
        },
        new()
        {
            Section = Section, Name = "emergency", Type = "digits", Default = "those of the country", IsUnset = true, Example = "144",
            Meaning = "A number that always passes, besides the country's emergency numbers. It is written into the dialplan: print that again.",
            IsList = true,
            Set = ConfigKeys.Each(static value => value.Length is > 1 and <= 15 && value.All(char.IsAsciiDigit) ? null : "digits, 2 to 15",
                static (config, values) => With(config with { Calls = config.Calls with { Emergency = values } }, gate => gate with { Emergency = values }).Config!),
        },
    ];

    /// <param name="add">Takes section, key and the words of a mistake.</param>
    public static void CheckTogether(RingfenceConfig config, Action<string, string, string> add)
    {
        if (config.Gate.Listen is not { } listen)
        {
            return;
        }

        if (config.Calls.Country is null)
        {
            add(Section, "listen", "listen is given, and the site's country is not: expected country = CODE in [calls]");
        }

        if (!IPAddress.IsLoopback(listen.Address) && config.Gate.Allow.Count == 0)
        {
            add(Section, "listen", $"listen is {listen}, which others can reach, and AGI has no password: expected 127.0.0.1, or allow = ADDRESS of the PBX");
        }
    }

    // It becomes an argument in a dialplan.
    private static bool IsSound(string value) => value.Length is > 0 and <= 120 && value.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or '/');

    private static T? Named<T>(string value)
        where T : struct, Enum =>
        Enum.GetValues<T>().Where(one => one.ToString().Equals(value, StringComparison.OrdinalIgnoreCase)).Select(static one => (T?)one).FirstOrDefault();

    private static ConfigKeys.Reading With(RingfenceConfig config, Func<GateSettings, GateSettings> change) => ConfigKeys.Ok(config with { Gate = change(config.Gate) });
}
