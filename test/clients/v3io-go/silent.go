package main

import (
	"context"

	"github.com/nuclio/logger"
)

// A logger that says nothing: standard output is for results.
type silent struct{}

func (silent) Error(interface{}, ...interface{})                         {}
func (silent) Warn(interface{}, ...interface{})                          {}
func (silent) Info(interface{}, ...interface{})                          {}
func (silent) Debug(interface{}, ...interface{})                         {}
func (silent) ErrorCtx(context.Context, interface{}, ...interface{})     {}
func (silent) WarnCtx(context.Context, interface{}, ...interface{})      {}
func (silent) InfoCtx(context.Context, interface{}, ...interface{})      {}
func (silent) DebugCtx(context.Context, interface{}, ...interface{})     {}
func (silent) ErrorWith(interface{}, ...interface{})                     {}
func (silent) WarnWith(interface{}, ...interface{})                      {}
func (silent) InfoWith(interface{}, ...interface{})                      {}
func (silent) DebugWith(interface{}, ...interface{})                     {}
func (silent) ErrorWithCtx(context.Context, interface{}, ...interface{}) {}
func (silent) WarnWithCtx(context.Context, interface{}, ...interface{})  {}
func (silent) InfoWithCtx(context.Context, interface{}, ...interface{})  {}
func (silent) DebugWithCtx(context.Context, interface{}, ...interface{}) {}
func (silent) Flush()                                                    {}
func (silent) GetChild(string) logger.Logger                             { return silent{} }
