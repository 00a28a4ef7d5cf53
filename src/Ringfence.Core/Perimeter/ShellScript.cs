using System.Text;

namespace Ringfence.Core.Perimeter;

/// <summary>Lines of a script for sh, made of constants, numbers, addresses and names; what an operator wrote stands between single quotes, in which nothing has a meaning.</summary>
internal sealed class ShellScript
{
    // iptables and ipset take 255 bytes of a comment, nft 127, ufw's list is not made for more.
    private const int LongestNote = 100;

    private readonly StringBuilder _text = new("#!/bin/sh\n");

    /// <summary>Ports of one rule: multiport (iptables-extensions(8)) and ufw take fifteen, and a range counts as two.</summary>
    public const int RangesPerRule = 7;

    public void Comment(string text) => _text.Append("# ").Append(text).Append('\n');

    public void Line(string line) => _text.Append(line).Append('\n');

    /// <summary>A note between quotes, of printable ASCII alone.</summary>
    public static string Quoted(string note)
    {
        var plain = string.Concat(note.Trim().Select(static c => c is >= ' ' and <= '~' and not '\'' and not '"' and not '\\' ? c : c is '\'' or '"' ? ' ' : '?'));
        return $"'{(plain.Length <= LongestNote ? plain : plain[..LongestNote])}'";
    }

    public override string ToString() => _text.ToString();
}
