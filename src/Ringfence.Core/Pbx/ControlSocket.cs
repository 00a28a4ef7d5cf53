namespace Ringfence.Core.Pbx;

/// <summary>The socket on which Asterisk answers "asterisk -rx", as asterisk.conf has it.</summary>
/// <param name="Mode">astctlpermissions; null: not set, and what Asterisk's umask leaves: 0755, which its own user and root may write alone.</param>
/// <remarks>main/asterisk.c of Asterisk 22: ast_makesocket, and [directories] and [files] in main/options.c.</remarks>
internal sealed record ControlSocket(string Path, int? Mode)
{
    /// <summary>What opens it to the guard, which is not root: connect(2) on a socket takes the right to write it.</summary>
    public const string Cure = "set astctlpermissions = 0660 and astctlgroup = asterisk in [files] of asterisk.conf, restart Asterisk, run packaging/install once more (it adds the user ringfence to that group), restart ringfence";

    /// <summary>A member of the socket's group may ask.</summary>
    public bool IsOpenToGroup => Mode is { } mode && (mode & 0x10) != 0;

    /// <param name="directory">Asterisk's configuration directory.</param>
    public static ControlSocket Read(string directory, IConfigFiles files)
    {
        var config = AsteriskConfig.Read("asterisk.conf", directory, files);
        var name = Last(config, "files", "astctl") ?? "asterisk.ctl";
        return new ControlSocket($"{Last(config, "directories", "astrundir")?.TrimEnd('/') ?? "/var/run/asterisk"}/{name}", Octal(Last(config, "files", "astctlpermissions")));
    }

    private static string? Last(AsteriskConfig config, string section, string key) =>
        config.Named(section).Select(part => part[key]).LastOrDefault(value => !string.IsNullOrEmpty(value));

    // sscanf("%30o"): the octal digits that it begins with.
    private static int? Octal(string? text)
    {
        var digits = text?.TakeWhile(digit => digit is >= '0' and <= '7').Take(10).ToArray() ?? [];
        return digits.Length == 0 ? null : digits.Aggregate(0, (mode, digit) => (mode * 8) + (digit - '0'));
    }
}
