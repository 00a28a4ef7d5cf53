using System.Text;

namespace Ringfence.Core.Pbx;

/// <summary>How it stands with HEP. The names leave the process by docs/json.md.</summary>
internal enum HepState
{
    /// <summary>This Asterisk can't: its module is not there.</summary>
    Absent,

    /// <summary>It can, and tells nobody.</summary>
    Off,

    /// <summary>It tells whom <c>ringfence init --write-hep</c> named.</summary>
    Own,

    /// <summary>It tells somebody else: HEP has one capture address.</summary>
    Other,
}

/// <summary>What hep.conf and modules.conf say, and what would have to be written for Asterisk to tell Ringfence of every SIP message.</summary>
/// <param name="CaptureAddress">"127.0.0.1:9060"; null: none.</param>
/// <param name="CaptureSetting">Where it stands.</param>
/// <param name="Unloaded">The modules that modules.conf does not load: its autoload is off.</param>
/// <param name="Forbidden">Where a noload keeps one of the modules off; null: nowhere.</param>
/// <remarks>res/res_hep.c of Asterisk 22: enabled is yes if unset, and without a capture_address nothing is sent; modules.conf.sample.</remarks>
internal sealed record HepConf(HepState State, string? CaptureAddress, string Password, Place? CaptureSetting, IReadOnlyList<string> Unloaded, Place? Forbidden)
{
    /// <summary>Only then does <see cref="HepState.Absent"/> say something of this Asterisk.</summary>
    public bool IsModuleDirectorySeen { get; init; }

    /// <summary>Where init lets Asterisk send to.</summary>
    public const string Address = "127.0.0.1:9060";

    private const string Mark = "; hep.conf, written by `ringfence init --write-hep`";

    private static readonly string[] Modules = ["res_hep.so", "res_hep_pjsip.so"];

    /// <param name="directory">Asterisk's configuration directory.</param>
    public static HepConf Read(string directory, IConfigFiles files)
    {
        var config = AsteriskConfig.Read("hep.conf", directory, files);
        var general = config.Named("general").LastOrDefault();
        var modules = AsteriskConfig.Read("modules.conf", directory, files).Named("modules").ToList();
        var isAuto = modules.Any(section => AsteriskBool.IsTrue(section["autoload"]));
        var address = general?["capture_address"];
        var isOn = !string.IsNullOrEmpty(address) && AsteriskBool.Parse(general!["enabled"]) is not false;
        return new HepConf(
            !HasModule(directory, files, Modules[1]) ? HepState.Absent
                : !isOn ? HepState.Off
                : files.Read($"{directory}/hep.conf") is { } own && own.AsSpan().StartsWith(Encoding.UTF8.GetBytes(Mark)) ? HepState.Own : HepState.Other,
            address,
            general?["capture_password"] ?? "",
            general?.Find("capture_address")?.Place,
            isAuto ? [] : [.. Modules.Where(module => !Loads(modules, module))],
            modules.SelectMany(section => section.All("noload")).Where(setting => Modules.Contains(setting.Value)).Select(setting => (Place?)setting.Place).FirstOrDefault())
        {
            IsModuleDirectorySeen = HasModule(directory, files, "*.so"),
        };
    }

    /// <summary>The whole file.</summary>
    public static string Text(string password) => $"""
        {Mark}: every SIP message that Asterisk reads or writes, told to Ringfence on this machine.
        [general]
        enabled = yes
        capture_address = {Address}
        capture_password = {password}
        capture_id = 1
        uuid_type = call-id

        """;

    /// <param name="before">modules.conf as it is.</param>
    /// <returns>With the modules that are not loaded yet; null: that can't be written for the operator, since the file has no section of its own for it.</returns>
    public string? ModulesText(string before)
    {
        var lines = before.Split('\n').ToList();
        var at = lines.FindIndex(line => line.Trim().StartsWith("[modules]", StringComparison.Ordinal));
        if (at < 0 || before.Contains('\ufffd', StringComparison.Ordinal))
        {
            return null;
        }

        lines.InsertRange(at + 1, Unloaded.Select(module => $"load = {module}"));
        return string.Join('\n', lines);
    }

    private static bool Loads(List<ConfigSection> modules, string module) =>
        modules.Exists(section => section.Settings.Any(setting => setting.Name.ToLowerInvariant() is "load" or "require" or "preload" or "preload-require" && setting.Value == module));

    private static bool HasModule(string directory, IConfigFiles files, string module)
    {
        var named = AsteriskConfig.Read("asterisk.conf", directory, files).Named("directories").Select(section => section["astmoddir"]).LastOrDefault(value => !string.IsNullOrEmpty(value));
        string[] places = named is null ? ["/usr/lib/asterisk/modules", "/usr/lib64/asterisk/modules", "/usr/lib/*/asterisk/modules"] : [named.TrimEnd('/')];
        return Array.Exists(places, place => files.Match($"{place}/{module}").Count > 0);
    }
}
